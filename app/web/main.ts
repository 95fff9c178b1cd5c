import { Api } from "./api";
import { BrokerLogin } from "./broker-login";
import { Chart } from "./chart";
import { byId, messageOf, within } from "./dom";
import { setUpEntry } from "./entry";
import { isNewer } from "./newer";
import { Orders } from "./orders";
import { Positions } from "./positions";
import { Stream } from "./stream";
import type { StreamMessage } from "./stream";
import { Ticket } from "./ticket";
import type { Order, OrderRequest, Quote, Trade } from "./types";
import { WatchList } from "./watch-list";

interface MarketMessage extends StreamMessage {
  readonly quotes?: readonly Quote[];
  readonly trades?: readonly Trade[];
}
type TradingMessage =
  | { readonly type: "SNAPSHOT"; readonly data: { readonly orders: readonly Order[] } }
  | { readonly type: "ORDER_UPDATE"; readonly data: Order }
  | { readonly type: "REQUEST_UPDATE"; readonly data: OrderRequest }
  | { readonly type: "TRADE_EXECUTION" | "POSITION_UPDATE" };

const firstSymbol = "GARAN";
/** The stream of quotes beats each 10 s. */
const silenceMs = 30_000;
/** The exchange opens and closes while a page is open. */
const phaseEveryMs = 60_000;

const quotes = new Map<string, Quote>();
let listened = new Set<string>();
let chosen = "";
let market: Stream<MarketMessage> | undefined;
let trading: Stream<TradingMessage> | undefined;
let phaseTimer: number | undefined;

const api = new Api(leave, () => {
  market?.renew();
  trading?.renew();
});
const chart = new Chart(api);
const orders = new Orders(api);
const positions = new Positions(api, quoteOf);
const watchList = new WatchList(choose);
const ticket = new Ticket(api, (order) => {
  orders.update(order);
});
const brokerLogin = new BrokerLogin(api, (loggedIn) => {
  ticket.hidden = !loggedIn;
  if (loggedIn) positions.refresh();
});

setUpEntry(api, (email) => {
  byId("user-email").textContent = email;
  void enter().catch((error: unknown) => {
    showConnection(messageOf(error));
  });
});
byId("sign-out").addEventListener("click", () => {
  void api.signOut().then(leave);
});

async function enter(): Promise<void> {
  showDesk(true);
  const symbols = await api.call<{ symbol: string }[]>("GET", "/market/api/v1/symbols");
  watchList.show(symbols.map(({ symbol }) => symbol));
  await showPhase();
  phaseTimer = window.setInterval(() => void showPhase().catch(() => undefined), phaseEveryMs);
  openMarket(symbols.map(({ symbol }) => symbol));
  openTrading();
  choose(symbols.some(({ symbol }) => symbol === firstSymbol) ? firstSymbol : (symbols[0]?.symbol ?? ""));
  await brokerLogin.refresh();
}

async function showPhase(): Promise<void> {
  const { phase } = await api.call<{ phase: string }>("GET", "/market/api/v1/market-data/session");
  byId("market-phase").textContent = `Exchange: ${phase.toLowerCase().replaceAll("_", " ")}`;
}

/** Back to the entry: signed out here, or the session ended. */
function leave(): void {
  clearInterval(phaseTimer);
  market?.close();
  trading?.close();
  quotes.clear();
  chosen = "";
  chart.clear();
  orders.clear();
  positions.clear();
  ticket.clear();
  brokerLogin.clear();
  byId("user-email").textContent = "";
  showDesk(false);
}

function openMarket(symbols: readonly string[]): void {
  listened = new Set(symbols);
  const subscribe = (channel: string, names: readonly string[]) =>
    market?.send({ type: "SUBSCRIBE", channel, symbols: names });
  market = new Stream<MarketMessage>(
    "/market/ws/market-data",
    () => api.token,
    {
      ready: () => {
        showConnection("");
        subscribe("QUOTE", [...listened]);
        if (chosen !== "") subscribe("TRADE", [chosen]);
      },
      message: ({ quotes: latest = [], trades = [] }) => {
        for (const quote of latest) take(quote);
        for (const trade of trades) chart.trade(trade);
      },
      lost: () => {
        showConnection("Connecting again");
      },
    },
    silenceMs,
  );
}

function openTrading(): void {
  trading = new Stream<TradingMessage>("/trading/ws/trading", () => api.token, {
    // The snapshot that follows holds open orders only; those that ended meanwhile are among these.
    ready: () => void orders.load().catch(() => undefined),
    message: (message) => {
      if (message.type === "SNAPSHOT") orders.update(...message.data.orders);
      else if (message.type === "ORDER_UPDATE") orders.update(message.data);
      else if (message.type === "REQUEST_UPDATE") orders.requested(message.data);
      else positions.refresh();
    },
    lost: () => undefined,
  });
}

function take(quote: Quote): void {
  if (!isNewer(quote, quotes.get(quote.symbol))) return;
  quotes.set(quote.symbol, quote);
  watchList.update(quote);
  chart.quote(quote);
  positions.quote(quote);
  ticket.priceOf(quote.symbol, quote.price);
}

/** The latest quote of a share that is held; one that is not in the list is listened to from now on. */
function quoteOf(symbol: string): Quote | undefined {
  if (!listened.has(symbol)) {
    listened.add(symbol);
    market?.send({ type: "SUBSCRIBE", channel: "QUOTE", symbols: [symbol] });
  }
  return quotes.get(symbol);
}

function choose(symbol: string): void {
  if (symbol === chosen || symbol === "") return;
  if (chosen !== "") market?.send({ type: "UNSUBSCRIBE", channel: "TRADE", symbols: [chosen] });
  chosen = symbol;
  market?.send({ type: "SUBSCRIBE", channel: "TRADE", symbols: [symbol] });
  watchList.choose(symbol);
  const quote = quotes.get(symbol);
  ticket.suggest(symbol, quote?.price ?? "");
  void chart
    .show(symbol)
    .then(() => {
      const latest = quotes.get(symbol);
      if (latest !== undefined) chart.quote(latest);
    })
    .catch((error: unknown) => {
      showConnection(messageOf(error));
    });
}

function showDesk(shown: boolean): void {
  byId("welcome").hidden = shown;
  byId("desk").hidden = !shown;
  byId("market-phase").hidden = !shown;
  within(document, ".who").hidden = !shown;
  showConnection("");
}

function showConnection(text: string): void {
  byId("connection").textContent = text;
  byId("connection").hidden = text === "";
}
