// Draws the days of a table as bars; what is under the pointer is told in the table's own words. The table stays for who
// has no script, or does not see a drawing. Amounts are whole numbers of minor units: only pixels are anything else.
import uPlot from 'uplot';

const height = 220;
const steps = [1, 2, 5].flatMap((digit) => Array.from({ length: 12 }, (_, zeros) => digit * 10 ** zeros)).sort((a, b) => a - b);

function draw(place: HTMLElement) {
  const rows = [...(document.getElementById(place.dataset.chart!)?.querySelectorAll<HTMLTableRowElement>('tbody tr') ?? [])];
  if (rows.length === 0) return;
  const days = rows.map((row) => Number(row.dataset.seconds));
  const amounts = rows.map((row) => Number(row.dataset.minor));
  const cell = (index: number, column: number) => rows[index].cells[column].textContent!;
  const head = (column: number) => rows[0].closest('table')!.rows[0].cells[column].textContent!;
  const told = document.createElement('p');
  told.className = 'home-told';
  const tell = (index: number | null | undefined) => {
    const day = index ?? rows.length - 1;
    told.textContent = [cell(day, 0), cell(day, 1), ...[2, 4].map((column) => `${head(column)} ${cell(day, column)}`)].join(' · ');
  };
  place.append(told);
  // As the style sheet has them now, in light or in dark.
  const ink = () => getComputedStyle(told).color;
  const bars = () => getComputedStyle(place).color;
  const chart = new uPlot(
    {
      width: place.clientWidth,
      height,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false } },
      scales: { x: { time: true }, y: { range: (_, __, most) => [0, Math.max(most, 1)] } },
      series: [{}, { label: place.dataset.label, fill: bars, width: 0, paths: uPlot.paths.bars!({ size: [0.7, 40] }), points: { show: false } }],
      axes: [
        { stroke: ink, grid: { show: false }, values: (_, splits) => splits.map((at) => new Intl.DateTimeFormat(document.documentElement.lang, { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(at * 1000)) },
        { show: false, incrs: steps },
      ],
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'UTC'),
      hooks: { setCursor: [(u) => tell(u.cursor.idx)] },
    },
    [days, amounts],
    place,
  );
  place.append(told);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => requestAnimationFrame(() => chart.redraw()));
  tell(null);
  new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height })).observe(place);
}

document.querySelectorAll<HTMLElement>('[data-chart]').forEach(draw);
document.querySelectorAll<HTMLElement>('[data-print]').forEach((button) => {
  button.hidden = false;
  button.addEventListener('click', () => print());
});
