import { changed, problems } from "../support/mistakes";

const proxy = { url: "http://proxy.example.com.tr:3128", cidrs: ["203.0.113.7/32"], authenticated: true };

/** What an operator reads for each single mistake. */
const mistakes: readonly (readonly [path: string, value: unknown, problem: string])[] = [
  // Images
  [
    "trading.image",
    "registry.example.com:5000/app",
    'production.trading.image "registry.example.com:5000/app" names no tag and no digest; use for example registry.example.com/app:1.4.2',
  ],
  [
    "trading.image",
    "registry.example.com/app:latest",
    'production.trading.image "registry.example.com/app:latest" names the tag latest, which moves; use a tag that does not, or a digest',
  ],
  [
    "trading.image",
    "registry.example.com/app:-1",
    'production.trading.image "registry.example.com/app:-1" has a malformed tag; use letters, digits, dots, hyphens and underscores',
  ],
  [
    "trading.image",
    "registry.example.com/app@sha256:12",
    'production.trading.image "registry.example.com/app@sha256:12" has a malformed digest; use @sha256: and 64 lower-case hexadecimal digits',
  ],
  // Services
  [
    "trading.services.userManagement.requests.cpu",
    "2000m",
    'production.trading.services.userManagement.requests.cpu "2000m" is above its limit 1000m; a pod cannot ask for more than it may use',
  ],
  [
    "trading.services.userManagement.requests.memory",
    "3072Mi",
    'production.trading.services.userManagement.requests.memory "3072Mi" is above its limit 2Gi; a pod cannot ask for more than it may use',
  ],
  [
    "trading.services.userManagement.limits.cpu",
    "2",
    'production.trading.services.userManagement.limits.cpu "2" is not a CPU quantity; use millicores, for example 500m',
  ],
  [
    "trading.services.marketData.replicas",
    9,
    "production.trading.services.marketData.replicas 9 has no effect beside autoscaling, which owns the number of pods; leave one of the two out",
  ],
  [
    "trading.services.userManagement.replicas",
    undefined,
    "production.trading.services.userManagement.replicas is missing, and so is autoscaling; use one of the two",
  ],
  [
    "trading.services.userManagement.replicas",
    0,
    "production.trading.services.userManagement.replicas 0 is too small; use at least 1",
  ],
  [
    "trading.services.marketData.autoscaling.minReplicas",
    21,
    "production.trading.services.marketData.autoscaling.minReplicas 21 is above maxReplicas 20; use minReplicas <= maxReplicas",
  ],
  [
    "trading.services.brokerIntegration.maxUnavailable",
    3,
    "production.trading.services.brokerIntegration.maxUnavailable 3 lets all 3 pods be away at once; use fewer than 3",
  ],
  // Connections
  ["trading.databasePool.min", 9, "production.trading.databasePool.min 9 is above databasePool.max 5; use min <= max"],
  // Calendar
  [
    "trading.calendarChanges",
    { days: [{ date: "2027-02-29", kind: "CLOSED", reason: "x" }] },
    'production.trading.calendarChanges.days.0.date "2027-02-29" is not a date; use YYYY-MM-DD',
  ],
  [
    "trading.calendarChanges",
    { days: [{ date: "2027-02-08", kind: "SHUT", reason: "x" }] },
    'production.trading.calendarChanges.days.0.kind "SHUT" is not one of "FULL", "HALF", "CLOSED"',
  ],
  [
    "trading.calendarChanges",
    { closed: ["2027-02-08"] },
    'production.trading.calendarChanges has the unknown key "closed"; check the spelling',
  ],
  [
    "trading.calendarChanges",
    {
      days: [
        { date: "2027-02-08", kind: "CLOSED", reason: "x" },
        { date: "2027-02-08", kind: "HALF", reason: "y" },
      ],
    },
    "production.trading.calendarChanges.days name a date twice; give each once",
  ],
  [
    "trading.calendarChanges",
    { feasts: [{ certainty: "PUBLISHED", ramadanFeast: "2028-02-26", sacrificeFeast: "2029-04-24" }] },
    'production.trading.calendarChanges.feasts.0.sacrificeFeast "2029-04-24" is not in the year of ramadanFeast; give both feasts of one year',
  ],
  // Certificates
  [
    "trading.certificate.publiclyTrusted",
    false,
    'production.trading.certificate.publiclyTrusted false does not fit platform.authority.kind "acme"; use true',
  ],
  // Addresses, names and times
  [
    "trading.brokerUrl",
    "www.algolab.com.tr",
    'production.trading.brokerUrl "www.algolab.com.tr" is not an address that starts with https:// or http://',
  ],
  [
    "trading.brokerProxy",
    { ...proxy, url: "socks5://proxy.example.com.tr:1080" },
    'production.trading.brokerProxy.url "socks5://proxy.example.com.tr:1080" is not an address that starts with https:// or http://',
  ],
  [
    "trading.brokerProxy",
    { ...proxy, url: "http://proxy.example.com.tr:3128/broker" },
    'production.trading.brokerProxy.url "http://proxy.example.com.tr:3128/broker" has more than a scheme, a host and a port; leave the rest out',
  ],
  ...["?", "#", "?a=b", "#here", "/?", "/#", "//", "\\x", " "].map((end): [string, unknown, string] => {
    const url = `http://proxy.example.com.tr:3128${end}`;
    const problem = "has more than a scheme, a host and a port; leave the rest out";
    return [
      "trading.brokerProxy",
      { ...proxy, url },
      `production.trading.brokerProxy.url ${JSON.stringify(url)} ${problem}`,
    ];
  }),
  ...["?", "#", "/api?", "/api?key=x", "/api#x"].map((end): [string, unknown, string] => {
    const url = `https://broker.example.com.tr${end}`;
    const problem = "has more than a scheme, a host, a port and a path; leave the rest out";
    return ["trading.brokerUrl", url, `production.trading.brokerUrl ${JSON.stringify(url)} ${problem}`];
  }),
  [
    "trading.brokerUrl",
    "https://trader:hunter2@broker.example.com.tr",
    "production.trading has credentials in brokerUrl; leave them out",
  ],
  [
    "trading.brokerProxy",
    { ...proxy, url: "http://trader:hunter2@proxy.example.com.tr:3128" },
    "production.trading.brokerProxy has credentials in its url; set authenticated, and put them into the secret of the broker's key",
  ],
  [
    "trading.brokerProxy",
    { ...proxy, url: "http://203.0.113.8:3128" },
    'production.trading.brokerProxy.url "http://203.0.113.8:3128" is in none of brokerProxy.cidrs; add 203.0.113.8/32',
  ],
  ["trading.brokerProxy", { ...proxy, cidrs: [] }, "production.trading.brokerProxy.cidrs is too short; use at least 1"],
  [
    "trading.brokerProxy",
    { ...proxy, cidrs: ["0.0.0.0/0"] },
    'production.trading.brokerProxy.cidrs.0 "0.0.0.0/0" is wider than a proxy\'s addresses; use prefixes from /24 to /32',
  ],
  [
    "trading.brokerProxy",
    { url: proxy.url, cidrs: proxy.cidrs },
    "production.trading.brokerProxy.authenticated is missing; use a value of type boolean",
  ],
  ["trading.namespace", "Trading", 'production.trading.namespace "Trading" is not a namespace name'],
  ["trading.dumpSchedule", "daily", 'production.trading.dumpSchedule "daily" is not a cron expression of five fields'],
  [
    "trading.dumpSchedule",
    "60 0 * * *",
    'production.trading.dumpSchedule "60 0 * * *" has "60" for the minute; use numbers from 0 to 59, ranges of them, or *',
  ],
  ...["30 * * * *", "*/5 0 * * *", "30 0,12 * * *"].map(
    (often) =>
      [
        "trading.maintenanceSchedule",
        often,
        `production.trading.maintenanceSchedule "${often}" comes more often than every day; use one number for minute and hour, for example 30 0 * * *`,
      ] as const,
  ),
  [
    "trading.dumpSchedule",
    "30 0 30 2 *",
    'production.trading.dumpSchedule "30 0 30 2 *" never comes: no such month has a day 30',
  ],
  ...["cron(* * * * ? *)", "cron(0/5 2 * * ? *)", "cron(0 2 * * *)"].map(
    (schedule) =>
      [
        "backups.schedule",
        schedule,
        `production.backups.schedule "${schedule}" is not an AWS cron expression with one minute, for example cron(0 2 * * ? *)`,
      ] as const,
  ),
];

describe("the application's part of an environment", () => {
  test.each(mistakes)("reports %s as %j", (path, value, problem) => {
    expect(problems(changed([path, value]))).toEqual([problem]);
  });

  test("says whether a service has too many numbers of pods, or none, beside what else is wrong", () => {
    const cpu = ["trading.services.marketData.limits.cpu", "2"] as const;
    const unclear = "trading.services.userManagement";
    expect(problems(changed(cpu, ["trading.services.marketData.replicas", 9]))).toHaveLength(2);
    expect(problems(changed(cpu, [`${unclear}.replicas`, undefined]))).toHaveLength(2);
    expect(problems(changed([`${unclear}.replicas`, "three"]))).toEqual([
      `production.${unclear}.replicas "three" is not of type number`,
    ]);
  });

  test("says everything that is wrong with the calendar at once", () => {
    const days = [
      { date: "2027-02-08", kind: "CLOSED", reason: "", phases: [{ from: "9:00", phase: "CLOSED" }] },
      { date: "2027-02-08", kind: "FULL" },
    ];
    const at = "production.trading.calendarChanges.days";
    expect(problems(changed(["trading.calendarChanges", { days }])).toSorted()).toEqual([
      `${at} name a date twice; give each once`,
      `${at}.0.phases do not open and close the day; begin with another phase than CLOSED and end with CLOSED`,
      `${at}.0.phases say when a CLOSED day trades; use FULL or HALF, or leave them out`,
      `${at}.0.phases.0.from "9:00" is not a time; use hh:mm`,
      `${at}.0.reason "" is empty; say what a trader should read`,
      `${at}.1.reason is missing; use a value of type string`,
    ]);
  });

  test("takes a proxy before the broker, and names all that is wrong with one at once", () => {
    expect(problems(changed(["trading.brokerProxy", proxy]))).toEqual([]);
    expect(problems(changed(["trading.brokerProxy", { ...proxy, url: "https://203.0.113.7" }]))).toEqual([]);
    const wrong = { url: "proxy", cidrs: ["203.0.113.7/24"], authenticated: "no" };
    expect(problems(changed(["trading.brokerProxy", wrong]))).toHaveLength(3);
  });

  test.each([
    "registry.example.com/app:1.4.2",
    "localhost:5000/bist/app:v1",
    `111122223333.dkr.ecr.us-east-1.amazonaws.com/bist-trading/app@sha256:${"0".repeat(64)}`,
  ])("takes the image %s", (image) => {
    expect(problems(changed(["trading.image", image]))).toEqual([]);
  });
});
