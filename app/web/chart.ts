import { CandlestickSeries, createChart } from "lightweight-charts";
import type { CandlestickData, IChartApi, ISeriesApi, UTCTimestamp } from "lightweight-charts";
import type { Api } from "./api";
import { byId, element } from "./dom";
import { changePercentOf, direction, lira, shares, signed } from "./format";
import { isAfter } from "./newer";
import type { Candles, Quote, Trade } from "./types";

const minuteMs = 60_000;
const intervals = {
  "1m": minuteMs,
  "5m": 5 * minuteMs,
  "15m": 15 * minuteMs,
  "1h": 60 * minuteMs,
  "1d": 1440 * minuteMs,
};
type Interval = keyof typeof intervals;
/** Istanbul keeps UTC+3 all year; the chart knows no time zones, so its times are moved. */
const istanbulMs = 3 * 3_600_000;
const candlesShown = 300;
/** While the broker is asked for what was traded before, the candles are fetched again so often, for so long. */
const askAgainMs = 4_000;
const patienceMs = 120_000;

/** The candles of one symbol: those that the service has, and what trades since then make of the last one. */
export class Chart {
  private readonly chart: IChartApi;
  private readonly series: ISeriesApi<"Candlestick">;
  private symbol = "";
  private interval: Interval = "1m";
  private last: CandlestickData<UTCTimestamp> | undefined;
  /** Time of the trade that made the last candle's close, since the candles were fetched. */
  private closedAt: string | undefined;
  /** Trades that came while candles were fetched; undefined when none are. */
  private queued: Trade[] | undefined;
  private again: number | undefined;
  /** Counts fetches: an answer that another one has overtaken is dropped. */
  private loads = 0;

  constructor(private readonly api: Api) {
    this.chart = createChart(byId("chart"), {
      autoSize: true,
      // The library's own mark needs inline styles, which this page forbids; its notice stands below the chart.
      layout: { attributionLogo: false },
      timeScale: { timeVisible: true, rightOffset: 4, barSpacing: 9 },
    });
    this.series = this.chart.addSeries(CandlestickSeries, { borderVisible: false });
    this.paint();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.paint();
    });
    this.intervalButtons();
  }

  /** @throws Problem when the candles cannot be had */
  async show(symbol: string): Promise<void> {
    this.symbol = symbol;
    // Of another symbol, or another length.
    this.last = undefined;
    this.closedAt = undefined;
    this.series.setData([]);
    byId("chart-symbol").textContent = symbol;
    byId("chart").setAttribute("aria-label", `Candles of ${symbol}, ${this.interval} each`);
    await this.load(performance.now() + patienceMs);
    this.chart.timeScale().scrollToRealTime();
  }

  /** Shows nothing, and fetches nothing more. */
  clear(): void {
    this.symbol = "";
    this.loads++;
    clearTimeout(this.again);
  }

  /** Fetches the candles that are shown. @param deadline until when they are fetched again while more are on their way */
  private async load(deadline: number): Promise<void> {
    clearTimeout(this.again);
    const load = ++this.loads;
    const queued: Trade[] = [];
    this.queued = queued;
    const asked = `${this.symbol}?interval=${this.interval}&limit=${candlesShown}`;
    let waits = false;
    try {
      const { candles, history } = await this.api.call<Candles>("GET", `/market/api/v1/market-data/candles/${asked}`);
      if (load !== this.loads) return;
      const bars = candles.map(({ openTime, open, high, low, close }) => ({
        time: chartTime(Date.parse(openTime)),
        open: Number(open),
        high: Number(high),
        low: Number(low),
        close: Number(close),
      }));
      this.series.setData(bars);
      this.last = bars.at(-1);
      this.closedAt = undefined;
      waits = history === "PENDING" && performance.now() < deadline;
    } finally {
      if (load === this.loads) {
        this.queued = undefined;
        for (const trade of queued) this.trade(trade);
        byId("chart-history").textContent = waits ? "Earlier candles are being fetched from the broker." : "";
      }
    }
    if (!waits) return;
    this.again = window.setTimeout(() => {
      void this.load(deadline).catch(() => undefined);
    }, askAgainMs);
  }

  /** A trade that was just made. */
  trade(trade: Trade): void {
    if (trade.symbol !== this.symbol) return;
    if (this.queued !== undefined) {
      this.queued.push(trade);
      return;
    }
    const price = Number(trade.price);
    const length = intervals[this.interval];
    const at = Date.parse(trade.timestamp) + istanbulMs;
    const time = Math.floor((at - (at % length)) / 1000) as UTCTimestamp;
    if (this.last !== undefined && time < this.last.time) return;
    const bar = this.last?.time === time ? this.last : { open: price, high: price, low: price, close: price };
    // A trade that arrives late moves the extremes alone.
    const late = this.closedAt !== undefined && isAfter(this.closedAt, trade.timestamp);
    if (!late) this.closedAt = trade.timestamp;
    const [high, low] = [Math.max(bar.high, price), Math.min(bar.low, price)];
    this.last = { time, open: bar.open, high, low, close: late ? bar.close : price };
    this.series.update(this.last);
  }

  /** The line above the chart. */
  quote(quote: Quote): void {
    const { symbol, price, bid, ask, high, low, volume } = quote;
    if (symbol !== this.symbol) return;
    const percent = changePercentOf(quote);
    const change = element("span", { class: direction(percent) }, `${signed(percent)}%`);
    byId("chart-price").replaceChildren(`${lira(price)} `, change);
    const facts = {
      Bid: lira(bid ?? price),
      Ask: lira(ask ?? price),
      High: lira(high),
      Low: lira(low),
      Volume: shares(volume),
    };
    byId("chart-facts").replaceChildren(
      ...Object.entries(facts).map(([name, value]) =>
        element("div", {}, element("dt", {}, name), element("dd", {}, value)),
      ),
    );
  }

  private intervalButtons(): void {
    const buttons = Object.keys(intervals).map((name) => {
      const button = element("button", { type: "button", "aria-pressed": String(name === this.interval) }, name);
      button.addEventListener("click", () => {
        this.interval = name as Interval;
        for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
        void this.show(this.symbol).catch(() => undefined);
      });
      return button;
    });
    byId("intervals").replaceChildren(...buttons);
  }

  private paint(): void {
    const colour = (name: string) => resolvedColour(`var(--${name})`);
    this.chart.applyOptions({
      layout: { background: { color: colour("card") }, textColor: colour("faint") },
      grid: { vertLines: { color: colour("line") }, horzLines: { color: colour("line") } },
      rightPriceScale: { borderColor: colour("line") },
      timeScale: { borderColor: colour("line") },
    });
    const [up, down] = [colour("up"), colour("down")];
    this.series.applyOptions({ upColor: up, wickUpColor: up, downColor: down, wickDownColor: down });
  }
}

const chartTime = (epochMs: number) => ((epochMs + istanbulMs) / 1000) as UTCTimestamp;

/** A colour of the style sheet as the chart wants it: with light or dark decided. */
function resolvedColour(value: string): string {
  const probe = element("span");
  probe.style.color = value;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
