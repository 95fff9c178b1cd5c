import type { DayChange, FeastYear } from "../contract/calendar-changes";

/**
 * The days on which Borsa Istanbul's equity market does not trade, or trades half a day. Data only: see calendar.ts.
 *
 * National holidays are fixed by law 2429. Religious feasts follow the Presidency of Religious Affairs' calendar, which
 * the exchange repeats in its yearly holiday schedule ("Resmi Tatil Takvimi", published each December for the next year).
 */

/** National holidays that fall on the same day each year, as MM-DD. */
export const nationalHolidays: Readonly<Record<string, string>> = {
  "01-01": "New Year's Day",
  "04-23": "National Sovereignty and Children's Day",
  "05-01": "Labour and Solidarity Day",
  "05-19": "Commemoration of Atatürk, Youth and Sports Day",
  "07-15": "Democracy and National Unity Day",
  "08-30": "Victory Day",
  "10-29": "Republic Day",
};

/** Days on which the market closes at noon each year, as MM-DD. */
export const nationalHalfDays: Readonly<Record<string, string>> = { "10-28": "Republic Day eve" };

/**
 * Religious feasts. Sources: the exchange's schedules of 2025 and 2026 as printed by ekonomist.com.tr (2025-10-27) and
 * sabah.com.tr (2026-01-01), and the python-holidays package's `XIST` calendar, which agree. The dates of 2027 are that
 * package's and the Presidency's; the exchange had not published its own schedule for 2027 by November 2026.
 */
export const feasts: readonly FeastYear[] = [
  { certainty: "PUBLISHED", ramadanFeast: "2025-03-30", sacrificeFeast: "2025-06-06" },
  { certainty: "PUBLISHED", ramadanFeast: "2026-03-20", sacrificeFeast: "2026-05-27" },
  { certainty: "ESTIMATED", ramadanFeast: "2027-03-09", sacrificeFeast: "2027-05-16" },
];

/**
 * Days that the exchange closed, shortened or added by a decision of its own, each with its source beside it. What is
 * decided after an image was built comes by configuration, see contract/calendar-changes.ts.
 */
export const exceptionalDays: readonly DayChange[] = [];
