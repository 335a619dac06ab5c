// As much Markdown as docs/openapi.yaml uses, as HTML: chapters (##), paragraphs, lists, tables, fenced code; code, bold and links inline.

export const escape = (text) => String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
export const slug = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
export const code = (text) => `<code>${escape(text)}</code>`;

export function inline(text, { plain = false } = {}) {
  if (plain) return escape(text);
  return text
    .split(/(`[^`]+`)/)
    .map((part) => {
      if (part.startsWith('`') && part.length > 1) return code(part.slice(1, -1));
      return escape(part).replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>');
    })
    .join('')
    .replace(/\[((?:<code>[^<]*<\/code>|[^\][])+)\]\(([^)\s]+)\)/g, '<a href="$2">$1</a>');
}

function cells(line) {
  return line.replace(/^\||\|$/g, '').split('|').map((cell) => inline(cell.trim()));
}

function block(lines) {
  const [first] = lines;
  if (first.startsWith('## ')) {
    const title = first.slice(3);
    return `<h2 id="${slug(title)}"><a class="anchor" href="#${slug(title)}">${inline(title)}</a></h2>`;
  }
  if (first.startsWith('|')) {
    const [head, , ...rows] = lines.map(cells);
    const tr = (row, tag) => `<tr>${row.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
    return `<div class="scroll" tabindex="0"><table class="plain"><thead>${tr(head, 'th')}</thead><tbody>${rows.map((row) => tr(row, 'td')).join('')}</tbody></table></div>`;
  }
  if (first.startsWith('- ')) return `<ul>${lines.map((line) => `<li>${inline(line.slice(2))}</li>`).join('')}</ul>`;
  return `<p>${inline(lines.join(' '))}</p>`;
}

export function markdown(text = '') {
  const html = [];
  let lines = [];
  let fence;
  const end = () => {
    if (lines.length) html.push(block(lines));
    lines = [];
  };
  for (const line of text.split('\n')) {
    if (fence !== undefined) {
      if (line.startsWith('```')) {
        html.push(`<figure class="panel"><pre tabindex="0"><code>${highlight(lines.join('\n'), fence)}</code></pre></figure>`);
        lines = [];
        fence = undefined;
      } else {
        lines.push(line);
      }
    } else if (line.startsWith('```')) {
      end();
      fence = line.slice(3);
    } else if (line.trim() === '') {
      end();
    } else {
      lines.push(line);
    }
  }
  end();
  return html.join('\n');
}

const tokens = {
  json: /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|(-?\b\d+(?:\.\d+)?\b)/g,
  sh: /("(?:[^"\\\n]|\\.)*")(\s*:)?|(\bcurl\b)|(\s-[A-Za-z]\b)/g,
  js: /('(?:[^'\\]|\\.)*')()|\b(import|from|const|new)\b|(\b\d+\b)/g,
};

// Code with its strings, keys, words and numbers marked.
export function highlight(text, language = 'json') {
  const pattern = tokens[language];
  if (!pattern) return escape(text);
  let html = '';
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    const [whole, string, colon, word, number] = match;
    html += escape(text.slice(at, match.index));
    at = match.index + whole.length;
    if (string !== undefined) html += colon ? `<span class="k">${escape(string)}</span>${colon}` : `<span class="s">${escape(string)}</span>`;
    else html += `<span class="${word !== undefined ? 'w' : 'n'}">${escape(word ?? number)}</span>`;
  }
  return html + escape(text.slice(at));
}
