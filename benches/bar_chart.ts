/**
 * Bars side by side, as an SVG that is read on light and dark pages alike.
 *
 * @module
 */

/** How a bar is drawn: what the chart is about, what it is compared with, and what is no rival. */
export type Role = "subject" | "rival" | "reference";

/** A row of a panel. */
export interface Row {
  readonly label: string;
  readonly role: Role;
  /** One bar a series. */
  readonly values: readonly number[];
}

/** A column of the chart, with a scale of its own. */
export interface Panel {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** All that is drawn. */
export interface Chart {
  readonly title: string;
  readonly subtitle: string;
  /** Names of the bars of a row, where there is more than one. */
  readonly series: readonly string[];
  readonly panels: readonly Panel[];
  readonly format: (value: number) => string;
}

/** Where something is, in pixels. */
interface Place {
  readonly x: number;
  readonly y: number;
}

/** How a panel draws values. */
interface Scale {
  length(value: number): number;
  isCut(value: number): boolean;
  format(value: number): string;
}

const WIDTH = 1040;
const MARGIN = 24;
const GAP = 20;
const TOP = 104;
const LABEL_WIDTH = 146;
const VALUE_WIDTH = 62;
const LEGEND_WIDTH = 110;
const BAR_HEIGHT = 14;
/** Of a bar's text, from the bar's top. */
const BASELINE = 11.5;
const ROW_GAP = 9;
const CORNER = 10;

/** A bar so many times longer than the next is cut off, for the others would not be seen. */
const MAX_LEAD = 3;

/** Earlier series are paler. */
const PALE = 0.4;

const STYLE = `
text { font: 13px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #24292f }
.title { font-size: 19px; font-weight: 600 }
.panel { font-size: 15px; font-weight: 600 }
.quiet { fill: #57606a }
.card { fill: #ffffff }
.axis { stroke: #afb8c1 }
.gap { stroke: #ffffff; stroke-width: 3 }
.subject { fill: #0b7d6b }
.rival { fill: #8c97a3 }
.reference { fill: #f0f2f5; stroke: #8c97a3 }
text.subject { font-weight: 600 }
text.rival { fill: #24292f }
text.reference { fill: #57606a; stroke: none; font-style: italic }
`.trim();

/** Draws a chart. */
export function drawChart(chart: Chart): string {
  const { title, subtitle, panels, series } = chart;
  const rowHeight = heightOf(Math.max(1, series.length));
  const rows = Math.max(0, ...panels.map((panel) => panel.rows.length));
  const height = TOP + rows * rowHeight + MARGIN - ROW_GAP;
  const width = (WIDTH - 2 * MARGIN - (panels.length - 1) * GAP) / panels.length;
  const columns = panels.map((panel, at) =>
    drawPanel(chart, panel, { x: MARGIN + at * (width + GAP), y: TOP }, width)
  );
  const size = `width="${WIDTH}" height="${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" ${size} role="img">`,
    `<title>${escape(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="card" x="0" y="0" ${size} rx="${CORNER}"/>`,
    drawText(title, { x: MARGIN, y: 38 }, "title"),
    drawText(subtitle, { x: MARGIN, y: 60 }, "quiet"),
    ...drawLegend(series),
    ...columns,
    "</svg>\n",
  ].join("\n");
}

function heightOf(bars: number): number {
  return bars * BAR_HEIGHT + ROW_GAP;
}

/** Names the series at the upper right. */
function drawLegend(series: readonly string[]): string[] {
  if (series.length < 2) return [];
  return series.flatMap((name, at) => {
    const [x, y] = [WIDTH - MARGIN - LEGEND_WIDTH, 27 + at * 22];
    const swatch = drawBar("subject", { x, y }, 24, opacityOf(at, series.length));
    return [swatch, drawText(name, { x: x + 32, y: y + BASELINE }, "quiet")];
  });
}

function drawPanel(chart: Chart, panel: Panel, { x, y }: Place, width: number): string {
  const rowHeight = heightOf(Math.max(1, chart.series.length));
  const axis = x + LABEL_WIDTH;
  const scale = scaleOf(panel.rows, width - LABEL_WIDTH - VALUE_WIDTH, chart.format);
  const rows = panel.rows.map((row, at) => drawRow(row, { x: axis, y: y + at * rowHeight }, scale));
  const ends = `y1="${y - 3}" y2="${y + panel.rows.length * rowHeight - ROW_GAP + 3}"`;
  return [
    drawText(panel.title, { x, y: y - 14 }, "panel"),
    ...rows,
    `<line class="axis" x1="${round(axis)}" x2="${round(axis)}" ${ends}/>`,
  ].join("\n");
}

function scaleOf(rows: readonly Row[], width: number, format: Scale["format"]): Scale {
  const longest = longestOf(rows);
  return {
    format,
    length: (value) => Math.min(1, value / longest) * width,
    isCut: (value) => value > longest,
  };
}

/** The value of the longest bar that is drawn in full: at least the subject's. */
function longestOf(rows: readonly Row[]): number {
  const values = rows.flatMap((row) => row.values).sort((a, b) => b - a);
  const subjects = rows.filter(({ role }) => role === "subject").flatMap(({ values }) => values);
  const least = Math.max(0, ...subjects);
  const isShort = (value: number, at: number) => value <= MAX_LEAD * (values[at + 1] ?? value);
  return values.find((value, at) => value <= least || isShort(value, at)) ?? 1;
}

function drawRow(row: Row, { x, y }: Place, scale: Scale): string {
  const { label, role, values } = row;
  const bars = values.flatMap((value, at) => {
    const top = y + at * BAR_HEIGHT;
    const length = Math.max(1, scale.length(value));
    return [
      drawBar(role, { x, y: top }, length, opacityOf(at, values.length)),
      ...(scale.isCut(value) ? [drawGap({ x: x + length - 14, y: top })] : []),
      drawText(scale.format(value), { x: x + length + 6, y: top + BASELINE }, role),
    ];
  });
  const middle = y + (values.length - 1) * BAR_HEIGHT / 2 + BASELINE;
  return [drawText(label, { x: x - 8, y: middle }, role, "end"), ...bars].join("\n");
}

function drawBar(role: Role, { x, y }: Place, length: number, opacity: number): string {
  const size = `width="${round(length)}" height="${BAR_HEIGHT}"`;
  return `<rect class="${role}" x="${round(x)}" y="${y}" ${size} opacity="${opacity}"/>`;
}

/** A slanted gap says that a bar goes on. */
function drawGap({ x, y }: Place): string {
  const [left, right, top, bottom] = [x, x + 5, y - 1, y + BAR_HEIGHT + 1].map(round);
  return `<line class="gap" x1="${left}" x2="${right}" y1="${bottom}" y2="${top}"/>`;
}

function opacityOf(at: number, count: number): number {
  return at < count - 1 ? PALE : 1;
}

function drawText(text: string, { x, y }: Place, style: string, anchor = "start"): string {
  const place = `x="${round(x)}" y="${round(y)}"`;
  return `<text class="${style}" ${place} text-anchor="${anchor}">${escape(text)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
