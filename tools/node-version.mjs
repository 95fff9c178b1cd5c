/** Stops with one clear sentence on a Node that this project does not run on. */
export function requireNode() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major >= 24) return;
  process.stderr.write(
    `This project runs on Node 24 or later and found ${process.versions.node}.\n` +
      "npm brings its own: run `npm ci` (without --omit=optional), then start it through npm or npx, " +
      "for example `npm test` or `npx cdktf synth`.\n",
  );
  process.exit(1);
}
