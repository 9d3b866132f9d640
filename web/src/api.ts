// Asking the app. A page has one name for the queue of jobs; questions that are overtaken are dropped.
const client = Array.from(crypto.getRandomValues(new Uint8Array(8)), b => b.toString(16).padStart(2, '0')).join('');

export class ApiError extends Error { constructor(readonly status: number, message: string) { super(message); } }

export async function ask<T>(path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { 'X-Client': client };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const response = await fetch(path, { method: body === undefined ? 'GET' : 'POST', headers, body: body === undefined ? undefined : JSON.stringify(body), signal });
  const found = (await response.json().catch(() => ({}))) as T & { error?: string };
  if (!response.ok) throw new ApiError(response.status, found.error ?? `the app answered ${response.status}`);
  return found;
}

/** State in the address: what is shown can be sent to somebody else who runs the same app. */
export const state = {
  all(): URLSearchParams { return new URLSearchParams(location.hash.slice(1)); },
  get(key: string): string | null { return this.all().get(key); },
  set(change: Record<string, string | null>): void {
    const now = this.all();
    for (const [key, value] of Object.entries(change)) if (value === null || value === '') now.delete(key); else now.set(key, value);
    history.replaceState(null, '', `#${now}`);
  },
};
