/** A program of the bench that runs as a process of its own and carries out orders. */
export class Program {
  /** @param url scheme, host and port, without a final slash */
  constructor(readonly url: string) {}

  /** Has an order carried out. @throws Error with what the program says went wrong */
  async tell<Answer>(order: string, body: object = {}): Promise<Answer> {
    const response = await fetch(`${this.url}/${order}`, { method: "POST", body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`"${order}" was not carried out: ${text}`);
    return JSON.parse(text) as Answer;
  }
}
