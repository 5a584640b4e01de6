/** The emulator's control API, and its stream of events. */
export async function call(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body ? JSON.stringify(body) : undefined,
  });
  const result = await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error(result.error ?? answer.statusText), { status: answer.status });
  return result;
}

export const get = (path) => call("GET", path);
export const post = (path, body) => call("POST", path, body);

/** Follow events from a number on, for ever: `onEvents(page)`, `onState(connected)`. */
export function follow(after, onEvents, onState) {
  let last = after;
  let source;
  const open = () => {
    source = new EventSource(`/control/events?after=${last}`);
    source.onopen = () => onState(true);
    source.onmessage = (message) => {
      const page = JSON.parse(message.data);
      last = page.last;
      onEvents(page);
    };
    source.onerror = () => {
      onState(false);
      source.close();
      setTimeout(open, 1000);
    };
  };
  open();
  addEventListener("pagehide", () => source.close());
}
