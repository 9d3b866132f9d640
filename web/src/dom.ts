// Building elements so that text is always text: nothing in this program assigns HTML from data.
type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | EventListener | undefined | null>;

export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  set(node, attributes);
  append(node, children);
  return node;
}

export function s(tag: string, attributes: Attributes = {}, ...children: Child[]): SVGElement {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  set(node, attributes);
  append(node, children);
  return node;
}

function set(node: Element, attributes: Attributes): void {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === 'function') node.addEventListener(key.replace(/^on/, ''), value);
    else node.setAttribute(key, value === true ? '' : String(value));
  }
}

function append(node: Element, children: Child[]): void {
  for (const child of children) if (child) node.append(child);
}

export function select(label: string, options: [string, string][], value: string, change: (value: string) => void): HTMLLabelElement {
  const box = h('select', { onchange: (() => change(box.value)) as EventListener }, ...options.map(([id, text]) => h('option', { value: id, selected: id === value }, text)));
  return h('label', { class: 'field' }, h('span', {}, label), box);
}

export function segments(label: string, options: [string, string][], value: string, change: (value: string) => void): HTMLDivElement {
  const buttons = options.map(([id, text]) => h('button', { type: 'button', 'aria-pressed': id === value ? 'true' : 'false', 'data-value': id, onclick: () => {
    for (const b of buttons) b.setAttribute('aria-pressed', b.dataset.value === id ? 'true' : 'false');
    change(id);
  } }, text));
  return h('div', { class: 'segments', role: 'group', 'aria-label': label }, ...buttons);
}

export function save(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = h('a', { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export function csv(rows: (string | number | null | undefined)[][]): string {
  // A cell that a spreadsheet would take for a formula gets an apostrophe, unless it is a number.
  const cell = (value: string | number | null | undefined): string => {
    let word = value === null || value === undefined ? '' : String(value);
    if (/^[=+\-@\t\r]/.test(word) && !/^[+-]?[\d.]+(e[+-]?\d+)?$/i.test(word)) word = `'${word}`;
    return /[",\n\r]/.test(word) ? `"${word.replace(/"/g, '""')}"` : word;
  };
  return '\ufeff' + rows.map(row => row.map(cell).join(',')).join('\r\n') + '\r\n';
}

export const button = (text: string, click: () => void, attributes: Attributes = {}): HTMLButtonElement =>
  h('button', { type: 'button', class: 'small-button', onclick: click as EventListener, ...attributes }, text);
