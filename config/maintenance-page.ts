/**
 * What traders read while the platform is closed, in Turkish and English. A load balancer's fixed answer has at most
 * 1024 bytes and no headers of one's own, so there is no Retry-After: the page asks for a new try instead.
 */
export const maintenancePage = `<!doctype html>
<html lang="tr">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>BIST Trading - Bakım / Maintenance</title>
<body style="font:18px/1.5 system-ui;max-width:36em;margin:15vh auto;padding:0 1em">
<h1>Bakımdayız</h1>
<p>Planlı bakım nedeniyle hizmet veremiyoruz. Bekleyen emirleriniz borsada geçerlidir.
Lütfen birkaç dakika sonra yeniden deneyin.</p>
<h1 lang="en">Under maintenance</h1>
<p lang="en">We are closed for planned maintenance. Your open orders stand at the exchange.
Please try again in a few minutes.</p>
`;
