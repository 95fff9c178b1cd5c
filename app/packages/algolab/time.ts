/** Istanbul has been at UTC+3 all year since 2016, with no daylight saving time. */
const istanbulOffsetMs = 3 * 60 * 60 * 1000;

/**
 * Reads the broker's local `dd.MM.yyyy HH:mm:ss`.
 * @throws RangeError for anything else.
 */
export function parseBrokerTime(text: string): Date {
  const match = /^(\d{2})\.(\d{2})\.(\d{4}) (\d{2}):(\d{2}):(\d{2})$/.exec(text);
  const time = match
    ? new Date(`${match[3]}-${match[2]}-${match[1]}T${match[4]}:${match[5]}:${match[6]}+03:00`)
    : undefined;
  if (time === undefined || Number.isNaN(time.getTime())) {
    throw new RangeError(`"${text}" is not a time of the broker; expected dd.MM.yyyy HH:mm:ss`);
  }
  return time;
}

/** The broker's local `dd.MM.yyyy HH:mm:ss`. */
export function formatBrokerTime(time: Date): string {
  const [date = "", clock = ""] = istanbulIso(time).split("T");
  return `${date.split("-").reverse().join(".")} ${clock}`;
}

/** Local ISO without offset, `yyyy-MM-ddTHH:mm:ss`: no white space, which a Checker would drop. */
export function istanbulIso(time: Date): string {
  return new Date(time.getTime() + istanbulOffsetMs).toISOString().slice(0, 19);
}
