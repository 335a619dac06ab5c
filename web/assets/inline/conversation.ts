// What a merchant's page and a payment page in its frame say to each other. Both are told a nonce by the address of the frame, and heed
// only messages of exactly the other's origin and window that name it.

// none: no payment was begun; unknown: the frame did not answer in time.
export interface Standing {
  status: 'none' | 'pending' | 'success' | 'failed' | 'unknown';
  reference: string | null;
}

export interface Listener {
  ready(): void;
  resize(height: number): void;
  standing(standing: Standing): void;
  close(): void;
}

const answerTimeMax = 3_000;
const askAgainAfter = 500;  // the frame may be between two pages
const referenceLengthMax = 200;
const heightMax = 10_000;
const statuses = ['pending', 'success', 'failed'];

const standingOf = ({ status, reference }: Record<string, unknown>): Standing => ({
  status: statuses.includes(status as string) ? (status as Standing['status']) : !status || status === 'none' ? 'none' : 'unknown',
  reference: typeof reference === 'string' && reference && reference.length <= referenceLengthMax ? reference : null,
});

export function newNonce(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function converse(frame: HTMLIFrameElement, origin: string, nonce: string, listener: Listener) {
  let answer: ((standing: Standing) => void) | undefined;
  const listen = ({ source, origin: from, data }: MessageEvent) => {
    if (!source || source !== frame.contentWindow || from !== origin || data?.epay !== 1 || data.nonce !== nonce) return;
    if (data.type === 'ready') listener.ready();
    else if (data.type === 'resize' && data.height > 0 && data.height <= heightMax) listener.resize(Number(data.height));
    else if (data.type === 'status') listener.standing(standingOf(data));
    else if (data.type === 'close') listener.close();
    else if (data.type === 'answer') answer?.(standingOf(data));
  };
  addEventListener('message', listen);
  return {
    // What the server says now of the payment.
    ask: () =>
      new Promise<Standing>((resolve) => {
        const say = () => frame.contentWindow?.postMessage({ epay: 1, nonce, type: 'ask' }, origin);
        const again = setInterval(say, askAgainAfter);
        const late = setTimeout(() => answer!({ status: 'unknown', reference: null }), answerTimeMax);
        answer = (standing) => {
          clearInterval(again);
          clearTimeout(late);
          resolve(standing);
        };
        say();
      }),
    end: () => removeEventListener('message', listen),
  };
}
