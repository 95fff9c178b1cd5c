/** What storing ticks costs at least: the same rows, made before the clock starts, by COPY, a transaction a batch. */
import { Client } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { tickColumns, tickLine } from "../../../../app/services/market-data/store/tick-lines";
import { connectionOptions } from "../../../../app/packages/kit/database/database";
import { readConfig } from "../../../../app/packages/kit/config/read";
import { databaseSection } from "../../../../app/packages/kit/config/sections";
import { sampleSymbols, sampleTick } from "../sample-ticks";
import { listenForCommands } from "./control";

const connected = connect();
listenForCommands({ copy });

async function connect(): Promise<Client> {
  const client = new Client(connectionOptions(readConfig({ database: databaseSection }).database, "bench copy"));
  await client.connect();
  return client;
}

/** @returns how long it took until all were committed */
async function copy(order: {
  readonly ticks: number;
  readonly batchRows: number;
}): Promise<{ readonly seconds: number }> {
  const client = await connected;
  const batches = linesOf(order.ticks, order.batchRows);
  const startedAt = performance.now();
  for (const batch of batches) {
    await client.query("BEGIN");
    await copyLines(client, batch);
    await client.query("COMMIT");
  }
  return { seconds: (performance.now() - startedAt) / 1000 };
}

function linesOf(ticks: number, batchRows: number): string[] {
  const now = Date.now();
  const batches: string[] = [];
  let sequence = 0;
  while (sequence < ticks) {
    let lines = "";
    for (const end = Math.min(ticks, sequence + batchRows); sequence < end; sequence++) {
      const symbolSequence = Math.floor(sequence / sampleSymbols.length) + 1;
      lines += tickLine({ ...sampleTick(sequence, now), sequence: sequence + 1, symbolSequence });
    }
    batches.push(lines);
  }
  return batches;
}

function copyLines(client: Client, lines: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = client.query(copyFrom(`COPY market_ticks (${tickColumns}) FROM STDIN`));
    stream.on("finish", resolve);
    stream.on("error", reject);
    stream.end(lines);
  });
}
