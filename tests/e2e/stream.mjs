// Reads a stream of server-sent events, as the HTML standard has a browser read it.
import http from 'node:http';

// Opens the stream and resolves once its head is there: {status, headers, events, lastEventId, comments, ended, cut()}. `events` grows as they
// arrive: {id, type, data}. `onEvent` is called for each. An answer that is no stream resolves with its `text` instead.
export function openStream(epay, client, target, { lastEventId, onEvent = () => {} } = {}) {
  const headers = { authorization: `Bearer ${client.token}`, accept: 'text/event-stream' };
  if (lastEventId !== undefined) headers['last-event-id'] = String(lastEventId);
  return new Promise((resolve, reject) => {
    const sent = http.get(epay.url + target, { headers, agent: false }, (answer) => {
      const stream = { status: answer.statusCode, headers: answer.headers, events: [], comments: 0, lastEventId: lastEventId ?? '', text: '' };
      let finish;
      stream.ended = new Promise((done) => (finish = done));
      let left = '';
      let id = stream.lastEventId;
      let event = { type: '', data: [] };
      const line = (text) => {
        if (text === '') {
          stream.lastEventId = id;
          if (event.data.length > 0) {
            const complete = { id, type: event.type || 'message', data: event.data.join('\n') };
            stream.events.push(complete);
            onEvent(complete, stream);
          }
          event = { type: '', data: [] };
          return;
        }
        if (text.startsWith(':')) {
          stream.comments += 1;
          return;
        }
        const colon = text.indexOf(':');
        const name = colon < 0 ? text : text.slice(0, colon);
        const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '');
        if (name === 'id') id = value;
        if (name === 'event') event.type = value;
        if (name === 'data') event.data.push(value);
      };
      stream.cut = () => {
        left = null;
        answer.destroy();
      };
      answer.setEncoding('utf8');
      answer.on('data', (chunk) => {
        if (left === null) return;
        stream.text += chunk;
        left += chunk;
        for (let end = left.indexOf('\n'); end >= 0; end = left === null ? -1 : left.indexOf('\n')) {
          const text = left.slice(0, end);
          left = left.slice(end + 1);
          line(text);
        }
      });
      answer.on('close', () => finish());
      answer.on('error', () => finish());
      if (answer.statusCode === 200) resolve(stream);
      else answer.on('end', () => resolve(stream));
    });
    sent.on('error', reject);
  });
}
