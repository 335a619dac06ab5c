// What stands on both sides of /js/inline.js: a merchant's page, and payment pages that speak the protocol of frames and nothing else, so
// that a test can have them late, mute or lying.
import http from 'node:http';
import { request } from '../e2e/harness.mjs';

// An HTTP server of its own origin. `answer(path, incoming)` gives {body, headers, status, type}, or a promise of it.
async function serve(answer) {
  const server = http.createServer(async (incoming, outgoing) => {
    const url = new URL(incoming.url, 'http://localhost');
    const { body = '', headers = {}, status = 200, type = 'text/html; charset=utf-8' } = await answer(url.pathname, url, incoming);
    outgoing.writeHead(status, { 'content-type': type, ...headers });
    outgoing.end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const icon = '<link rel="icon" href="data:,">';

// The script of a payment page in a frame; `lie` changes what it does.
const pageScript = (lie) => `
const query = new URLSearchParams(location.search);
const nonce = ${lie === 'wrong-nonce' ? "'0'.repeat(32)" : "query.get('embed')"};
const say = (message) => parent.postMessage({ epay: 1, nonce, ...message }, query.get('origin'));
const state = async (change) => (await fetch('/state' + location.pathname, { method: change ? 'POST' : 'GET', headers: { change: change ?? '' } })).json();
addEventListener('message', async ({ source, origin, data }) => {
  if (source !== parent || origin !== query.get('origin') || data.epay !== 1 || data.nonce !== nonce || data.type !== 'ask') return;
  ${lie === 'mute' ? 'return;' : ''}
  say({ type: 'answer', ...(await state()) });
});
for (const button of document.querySelectorAll('button')) {
  button.addEventListener('click', async () => {
    if (button.value === 'done') return say({ type: 'close' });
    const told = await state(button.value);
    ${lie === 'untold' ? '' : "say({ type: 'status', ...told });"}
  });
}
setTimeout(() => {
  say({ type: 'resize', height: ${lie === 'tall' ? 5000 : 400} });
  say({ type: 'ready' });
}, ${lie === 'slow' ? 1500 : 0});`;

const payPage = (lie) => `<!doctype html><html lang="en"><head><title>Pay</title>${icon}<meta name="viewport" content="width=device-width">
<style>body{font:16px system-ui;margin:1rem}button{font:inherit;display:block;margin:.5rem 0;padding:.7rem}</style></head><body><main aria-label="Payment"><h1>Two tickets</h1>
<button value="pending">Pay</button><button value="success">Approve</button><button value="failed">Decline</button><button value="done">Done</button></main>
${lie === 'silent' ? '' : `<script>${pageScript(lie)}</script>`}</body></html>`;

// An Epay that has only payment pages, /pay/WORD, and the inline.js of the real one. WORD is what is peculiar about a page:
//   good; slow: ready after 1.5 s; silent: says nothing; mute: does not answer; untold: does not tell what has happened; tall;
//   blocked: may not be shown in frames; hanging: never arrives; wrong-nonce
export async function payPages(epay) {
  const { text: script, headers: sent } = await request(`${epay.url}/js/inline.js`);
  const states = new Map();  // by path
  const opened = [];         // addresses of the frames
  const server = await serve((path, url, incoming) => {
    if (path === '/js/inline.js') return { body: script, type: sent['content-type'], headers: { 'access-control-allow-origin': sent['access-control-allow-origin'] } };
    if (path.startsWith('/state/')) {
      const { change } = incoming.headers;
      if (change) states.set(path, { status: change, reference: 'EP-abcdefghijk' });
      return { body: JSON.stringify(states.get(path) ?? { status: 'none', reference: null }), type: 'application/json' };
    }
    opened.push(url);
    const lie = path.split('/')[2];
    if (lie === 'hanging') return new Promise(() => {});
    return { body: payPage(lie), headers: lie === 'blocked' ? { 'content-security-policy': "frame-ancestors 'none'" } : {} };
  });
  return { ...server, opened, script: `<script src="${server.origin}/js/inline.js"></script>`, forget: () => states.clear() };
}

export const link = (pay, word = 'good', text = 'Pay Now') => `<a class="epay_inline" data-payment_page="${pay.origin}/pay/${word}" data-pay_button_text="${text}"></a>`;

// A merchant's site: `show(html, headers)` gives the address of a page that has this in its body (or `head`).
export async function merchantSite() {
  const pages = new Map();
  const server = await serve((path) => pages.get(path) ?? { status: 404, body: 'Nothing' });
  return {
    ...server,
    show(body, { head = '', headers = {}, language = 'en' } = {}) {
      const path = `/page${pages.size}`;
      const html = `<!doctype html><html lang="${language}"><head><title>Shop</title>${icon}<meta name="viewport" content="width=device-width">${head}</head>`;
      pages.set(path, { body: `${html}<body>${body}</body></html>`, headers });
      return server.origin + path;
    },
  };
}
