// Levers, deals and claims: jobs of the same functions that the commands call, shown as the sections of a report.
import { ask, state } from './api';
import { command, problem, type Context } from './app';
import { button, h, select } from './dom';
import { tableButtons, type About as Source } from './downloads';

type Sections = { heading: string; paragraphs: string[]; tables: { caption: string; columns: string[]; rows: string[][]; note: string }[] }[];
type Answer = { sections: Sections; notes: string[]; filters?: string[]; draws: number };
type Job = { id: string; title: string; state: string; stage: string; message: string; seconds: number; result: Answer | null };
type Run = { run: string; scenarios: string[]; draws: number; model: string };

/** Start a job, say how it goes, and hand over what it found; a view that is gone asks no further. */
async function follow(path: string, body: unknown, status: HTMLElement, root: HTMLElement): Promise<Answer | null> {
  root.dataset.state = 'solving';
  try {
    let job = await ask<Job>(path, body);
    for (;;) {
      if (!status.isConnected) return null;
      if (job.state === 'failed') throw new Error(job.message);
      if (job.state === 'done' && job.result) { status.replaceChildren(); root.dataset.state = 'solved'; return job.result; }
      status.replaceChildren(h('p', { class: 'busy computing' }, `Computing: ${job.stage || job.state}, ${Math.round(job.seconds)} s`));
      await new Promise(resolve => { setTimeout(resolve, 700); });
      job = await ask<Job>(`api/jobs/${encodeURIComponent(job.id)}`);
    }
  } catch (error) { status.replaceChildren(problem(error)); root.dataset.state = 'failed'; return null; }
}

function coded(text: string): (string | Node)[] { return text.split('`').map((part, i) => (i % 2 ? h('code', {}, part) : part)); }

function shown(answer: Answer, source: Source): HTMLElement {
  return h('div', {}, ...answer.sections.flatMap(s => [h('h2', {}, s.heading), ...s.paragraphs.map(p => h('p', {}, ...coded(p))), ...s.tables.map(t => {
    const rows = t.rows.map(r => h('tr', {}, h('th', { scope: 'row' }, r[0]), ...r.slice(1).map(c => h('td', {}, c)))), visible = (): string[][] => t.rows.filter((_, i) => !rows[i].hidden);
    const chosen = new Map<number, string>(), apply = (): void => rows.forEach((tr, i) => { tr.hidden = [...chosen].some(([c, v]) => v !== '' && t.rows[i][c] !== v); });
    const filters = (answer.filters ?? []).map(name => t.columns.indexOf(name)).filter(c => c >= 0).map(c => select(t.columns[c], [['', 'all'], ...[...new Set(t.rows.map(r => r[c]))].filter(Boolean).sort().map(v => [v, v] as [string, string])], '', v => { chosen.set(c, v); apply(); }));
    return h('div', {}, filters.length ? h('div', { class: 'map-controls' }, ...filters) : null,
      h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': t.caption }, h('table', {}, h('caption', {}, t.caption), h('thead', {}, h('tr', {}, ...t.columns.map(c => h('th', { scope: 'col' }, c)))), h('tbody', {}, ...rows))),
      t.note ? h('p', { class: 'small' }, t.note) : null, h('div', { class: 'downloads' }, ...tableButtons(source, t.caption, () => ({ name: t.caption, head: t.columns, rows: visible() }))));
  })]), ...answer.notes.map(n => h('p', { class: 'small' }, n)));
}

export function leversView({ about, base }: Context, root: HTMLElement): void {
  if (!about.lever_pairs.length) { root.append(h('p', {}, 'This case has no table of levers.')); return; }
  const name = (id: string): string => about.actors[id] ?? id, senders = [...new Set(about.lever_pairs.map(p => p[0]))], targets = (of: string): string[] => about.lever_pairs.filter(p => p[0] === of).map(p => p[1]);
  let sender = senders.includes(state.get('sender') ?? '') ? state.get('sender')! : senders.includes(about.focus[0]) ? about.focus[0] : senders[0], scenario = state.get('scenario') ?? about.baseline;
  let target = targets(sender).includes(state.get('target') ?? '') ? state.get('target')! : targets(sender)[0];
  const status = h('div', { role: 'status' }), result = h('div', { 'aria-live': 'polite' }), line = h('div'), controls = h('div', { class: 'map-controls' });
  const tell = (): void => {
    if (!targets(sender).includes(target)) target = targets(sender)[0];
    state.set({ view: 'levers', sender, target, scenario });
    controls.replaceChildren(select('Sender', senders.map(s => [s, name(s)]), sender, v => { sender = v; tell(); }), select('Target', targets(sender).map(t => [t, name(t)]), target, v => { target = v; tell(); }),
      select('Scenario', about.scenarios.map(s => [s.id, s.label]), scenario, v => { scenario = v; tell(); }), button('Rank the levers', () => void find(), { class: 'small-button main' }));
    const cli = `mackinder levers ${about.case} ${sender} ${target} --scenario ${scenario}`;
    line.replaceChildren(command(cli, `import json, subprocess\n\nfound = json.loads(subprocess.check_output(${JSON.stringify(`${cli} --json --quiet`.split(' '))}))\nprint(found["rows"])`));
  };
  async function find(): Promise<void> {
    result.replaceChildren();
    const answer = await follow('api/levers', { sender, target, scenario }, status, root);
    if (answer) result.replaceChildren(shown(answer, { ...base, draws: answer.draws, command: `mackinder levers ${about.case} ${sender} ${target} --scenario ${scenario}` }));
  }
  root.append(h('p', {}, 'What one state can do to another by its policy, what it would cost both, how credible it is, and what would cushion or mitigate it. Capacity, not intention.'), controls, status, result, line);
  tell();
}

/** A view of one job that may rest on a run of the list. */
function onRun(kind: 'deals' | 'claims', words: string, needs: string[], option: string) {
  return ({ about, base }: Context, root: HTMLElement): void => {
    const there = kind === 'deals' ? about.deals : about.claims;
    if (!there) { root.append(h('p', {}, kind === 'deals' ? 'This case has no arrangements.toml.' : 'This case has no claims.toml.')); return; }
    let chosen = state.get('run') ?? '';
    const status = h('div', { role: 'status' }), result = h('div', { 'aria-live': 'polite' }), line = h('div'), controls = h('div', { class: 'map-controls' });
    const cli = (): string => `mackinder ${kind} ${about.case}${chosen ? ` --run out/${chosen}` : ''}`;
    const tell = (): void => line.replaceChildren(command(cli(), kind === 'claims' ? `import mackinder\n\nfor found in mackinder.assess_claims(${JSON.stringify(about.case)}${chosen ? `, runs=["out/${chosen}"]` : ''}):\n    print(found.claim.id, found.verdict)` : `import json, subprocess\n\nfound = json.loads(subprocess.check_output(${JSON.stringify(`${cli()} --json --quiet`.split(' '))}))\nprint(found["rows"])`));
    async function find(): Promise<void> {
      result.replaceChildren();
      state.set({ view: kind, run: chosen });
      const answer = await follow(`api/${kind}`, { run: chosen || null }, status, root);
      if (answer) result.replaceChildren(shown(answer, { ...base, draws: answer.draws, command: cli() }));
    }
    async function runs(): Promise<void> {
      let fit: Run[] = [];
      try { fit = (await ask<{ runs: Run[] }>('api/runs')).runs.filter(r => needs.every(s => (r.scenarios ?? []).includes(s))); } catch (error) { status.replaceChildren(problem(error)); }
      if (!fit.some(r => r.run === chosen)) chosen = '';
      controls.replaceChildren(select('Numbers from', [['', option], ...fit.map(r => [r.run, `run ${r.run} (${r.draws} draws, ${r.model})`] as [string, string])], chosen, v => { chosen = v; tell(); }), button(kind === 'deals' ? 'Weigh the arrangements' : 'Judge the claims', () => void find(), { class: 'small-button main' }));
      tell();
      if (kind === 'claims') void find();
    }
    root.append(h('p', {}, words), controls, status, result, line);
    void runs();
  };
}

export const dealsView = (context: Context, root: HTMLElement): void => onRun('deals', 'Who must agree to each arrangement, who can block it, and whether it would last; beside base rates of comparable cases. A valuation needs the scenarios of all arrangements: a run that holds them, or some minutes.', context.about.needed, 'a run of their scenarios, made now (minutes)')(context, root);
export const claimsView = (context: Context, root: HTMLElement): void => onRun('claims', 'What the text claims, put to the test: each verdict with what decided it and what would change it.', [], 'no run: facts and tables alone')(context, root);
