// Builds static/build/ from our own modules and the npm packages of package.json.
// Nothing third-party is committed; `npm ci && node build.mjs` makes everything again.
import { build } from "esbuild";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const OUT = "static/build";
// Windows 7 (Chromium 109), 360 and QQ shells, iOS 14.1 and later.
const TARGET = ["chrome87", "safari14.1", "firefox91"];
const serif = "node_modules/@fontsource/noto-serif-sc";

rmSync(OUT, { recursive: true, force: true });
mkdirSync(`${OUT}/fonts/rare`, { recursive: true });

const common = {
  bundle: true,
  minify: true,
  target: TARGET,
  legalComments: "linked",
  logLevel: "warning",
  outdir: OUT,
  loader: { ".svg": "dataurl" },
};
await build({ ...common, entryPoints: { app: "static/js/app.js", charts: "static/js/charts.js" }, format: "esm" });
await build({ ...common, entryPoints: { app: "static/css/app.css" } });

// Letters are set in Noto Serif SC (SIL Open Font License). The simplified set covers every common
// character; `rare` holds the rest in slices, so that no owner's name prints as an empty box.
for (const weight of [400, 700]) {
  copyFileSync(
    `${serif}/files/noto-serif-sc-chinese-simplified-${weight}-normal.woff`,
    `${OUT}/fonts/noto-serif-sc-${weight}.woff`,
  );
}
copyFileSync(`${serif}/LICENSE`, `${OUT}/fonts/noto-serif-sc.LICENSE.txt`);
const slices = [];
for (const face of readFileSync(`${serif}/400.css`, "utf8").split("@font-face").slice(1)) {
  const file = /noto-serif-sc-(\d+)-400-normal\.woff\)/.exec(face);
  const ranges = /unicode-range:\s*([^;]+);/.exec(face);
  if (!file || !ranges) continue;
  copyFileSync(`${serif}/files/noto-serif-sc-${file[1]}-400-normal.woff`, `${OUT}/fonts/rare/${file[1]}.woff`);
  slices.push({
    file: `rare/${file[1]}.woff`,
    ranges: ranges[1].split(",").map((range) => {
      const [from, to] = range.trim().replace(/^U\+/i, "").split("-");
      return [parseInt(from, 16), parseInt(to ?? from, 16)];
    }),
  });
}
writeFileSync(`${OUT}/fonts/rare.json`, JSON.stringify(slices));

for (const name of readdirSync(OUT).filter((name) => /\.(js|css)$/.test(name)).sort()) {
  const bytes = readFileSync(`${OUT}/${name}`);
  console.log(`${name.padEnd(12)} ${(bytes.length / 1024).toFixed(0).padStart(5)} KB, ${(gzipSync(bytes).length / 1024).toFixed(1)} KB gzip`);
}
console.log(`fonts        ${slices.length} slices of rare characters`);
