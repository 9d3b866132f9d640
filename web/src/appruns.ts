// Runs with intervals: those that are there, and new ones from here.
import { ask, state } from './api';
import { command, problem, type Context } from './app';
import { button, h } from './dom';

type Run = { run: string; title: string; scenarios: string[]; draws: number; seed: number; model: string };
type Job = { id: string; title: string; state: string; stage: string; message: string; seconds: number; result: { run: string } | null };

export function runsView({ about }: Context, root: HTMLElement): void {
  const list = h('div'), progress = h('div', { role: 'status' }), chosen = new Set<string>(), draws = h('input', { type: 'number', min: 1, max: 400, value: 40, 'aria-label': 'Draws' });
  const line = h('div');
  const tell = (): void => { const names = chosen.size ? [...chosen] : [about.baseline]; line.replaceChildren(command(`mackinder run ${about.case}${names.map(s => ` --scenario ${s}`).join('')} --draws ${draws.value} --seed 0`, `import mackinder\n\nrun = mackinder.run(${JSON.stringify(about.case)}, ${JSON.stringify(names)}, draws=${draws.value}, seed=0)`)); };
  tell();
  draws.addEventListener('input', tell);

  async function fill(): Promise<void> {
    try {
      const { runs } = await ask<{ runs: Run[] }>('api/runs');
      list.replaceChildren(runs.length ? h('div', { class: 'scroll' }, h('table', {}, h('caption', {}, 'Runs'), h('thead', {}, h('tr', {}, ...['Run', 'Scenarios', 'Draws', 'Seed', 'Model'].map(t => h('th', { scope: 'col' }, t)))), h('tbody', {}, ...runs.map(r => h('tr', {}, h('th', { scope: 'row' }, h('a', { href: `report/${encodeURIComponent(r.run)}` }, r.run)), h('td', {}, (r.scenarios ?? []).join(', ')), h('td', {}, String(r.draws)), h('td', {}, String(r.seed)), h('td', {}, r.model)))))) : h('p', {}, 'No runs yet. Start one here, or with mackinder run.'));
    } catch (error) { list.replaceChildren(problem(error)); }
  }

  async function follow(id: string): Promise<void> {
    for (;;) {
      let job: Job;
      try { job = await ask<Job>(`api/jobs/${encodeURIComponent(id)}`); } catch (error) { progress.replaceChildren(problem(error)); return; }
      if (job.state === 'done' && job.result) { progress.replaceChildren(h('p', {}, `Done in ${job.seconds} s: `, h('a', { href: `report/${encodeURIComponent(job.result.run)}` }, `open the report of ${job.title}`))); await fill(); return; }
      if (job.state === 'failed') { progress.replaceChildren(problem(job.message)); return; }
      progress.replaceChildren(h('p', { class: 'busy' }, `${job.title}: ${job.state}${job.stage ? `, ${job.stage}` : ''}, ${job.seconds} s`));
      if (!root.isConnected || !progress.isConnected) return;
      await new Promise(resolve => { setTimeout(resolve, 1500); });
    }
  }

  async function begin(): Promise<void> {
    try {
      const job = await ask<Job>('api/jobs', { scenarios: chosen.size ? [...chosen] : [about.baseline], draws: Number(draws.value) });
      state.set({ job: job.id });
      await follow(job.id);
    } catch (error) { progress.replaceChildren(problem(error)); }
  }

  root.append(list, h('h2', {}, 'Run with intervals'), h('fieldset', { class: 'avoid' }, h('legend', {}, 'Scenarios, beside the baseline'), ...about.scenarios.filter(s => s.id !== about.baseline).map(s => { const box = h('input', { type: 'checkbox', onchange: (() => { if (box.checked) chosen.add(s.id); else chosen.delete(s.id); tell(); }) as EventListener }); return h('label', { title: s.description }, box, ` ${s.label}`); })),
    h('div', { class: 'map-controls' }, h('label', { class: 'field' }, h('span', {}, 'Draws'), draws), button('Start', () => void begin(), { class: 'small-button main' })), line, progress);
  void fill();
  const job = state.get('job');
  if (job) void follow(job);
}
