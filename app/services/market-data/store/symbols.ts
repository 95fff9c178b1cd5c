import type { Queryable } from "../../../packages/kit/database/database";

export interface ListedSymbol {
  readonly symbol: string;
  readonly name: string;
  readonly market: string;
  readonly indices: string[];
}

const columns = "symbol, name, market, indices";

/** Symbols by code, narrowed to an index and to those whose code or name begins with a text, whatever its case. */
export async function searchSymbols(
  database: Queryable,
  { query, index }: { readonly query?: string; readonly index?: string },
): Promise<ListedSymbol[]> {
  const { rows } = await database.query<ListedSymbol>(
    `SELECT ${columns} FROM symbols
     WHERE ($1::text IS NULL OR starts_with(symbol, upper($1)) OR starts_with(lower(name), lower($1)))
       AND ($2::text IS NULL OR $2 = ANY (indices))
     ORDER BY symbol`,
    [query, index],
  );
  return rows;
}

export async function findSymbol(database: Queryable, symbol: string): Promise<ListedSymbol | undefined> {
  const { rows } = await database.query<ListedSymbol>(`SELECT ${columns} FROM symbols WHERE symbol = $1`, [symbol]);
  return rows[0];
}
