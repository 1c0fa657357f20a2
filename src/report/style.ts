// The look of every page: light and dark as the reader's system has it, one column on a phone.

export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1b1f24; --soft: #59636e; --rule: #d8dee4; --panel: #f6f8fa;
  --c0: #2463c9; --c1: #c8671a; --c2: #2c8a57; --c3: #8a4fbf; --c4: #7d8590;
  --good: #1a7f37; --bad: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0f1318; --ink: #e3e8ee; --soft: #98a2ad; --rule: #2c343d; --panel: #171d24;
    --c0: #6aa2ff; --c1: #f0a05a; --c2: #62c98f; --c3: #c39bf0; --c4: #8b949e;
    --good: #57c878; --bad: #ff8a80;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.2rem 1rem 3rem; max-width: 76rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; -webkit-text-size-adjust: 100%; }
h1 { font-size: 1.5rem; margin: 0 0 .6rem; }
h2 { font-size: 1.2rem; margin: 2.4rem 0 .4rem; padding-top: 1rem; border-top: 1px solid var(--rule); }
h3 { font-size: .95rem; margin: 0 0 .5rem; font-weight: 600; }
section { margin: 1.4rem 0 2.6rem; }
section > h3 { font-size: 1.05rem; } section > dl + h3 { margin-top: 1rem; }
p, ul { margin: .4rem 0; }
p.soft { margin: .1rem 0; }
.soft, .legend { color: var(--soft); font-size: .85rem; }
ul.legend { padding-left: 1.1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .8rem; font-size: .88rem; margin: .5rem 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; } dd { margin: 0 0 .4rem; } }
h3 + dl, h3 + p { margin-top: 0; } .scroll + h3 { margin-top: 1rem; }
.scroll { overflow-x: auto; margin: .8rem 0; border: 1px solid var(--rule); border-radius: 6px; }
table { border-collapse: collapse; font-size: .85rem; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .6rem; text-align: right; white-space: nowrap; }
th { background: var(--panel); color: var(--soft); font-weight: 600; }
th.l, td.l { text-align: left; }
td.wrap { white-space: normal; min-width: 15rem; }
tr + tr td { border-top: 1px solid var(--rule); }
th:first-child, td:first-child { position: sticky; left: 0; background: var(--paper); }
th:first-child { background: var(--panel); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1rem; margin: 1rem 0; }
figure { margin: 0; padding: .8rem; background: var(--panel); border: 1px solid var(--rule); border-radius: 6px; }
figcaption { font-weight: 600; font-size: .9rem; margin-bottom: .5rem; }
figcaption span { color: var(--soft); font-weight: 400; }
svg { display: block; width: 100%; max-width: 28rem; height: auto; }
svg text { font: 11px system-ui, sans-serif; fill: var(--ink); font-variant-numeric: tabular-nums; }
svg .figure { fill: var(--soft); }
.c0 { fill: var(--c0); } .c1 { fill: var(--c1); } .c2 { fill: var(--c2); } .c3 { fill: var(--c3); } .c4 { fill: var(--c4); }
.curve { fill: none; stroke-width: 2; }
.c0.curve { stroke: var(--c0); } .c1.curve { stroke: var(--c1); } .c2.curve { stroke: var(--c2); }
.c3.curve { stroke: var(--c3); } .c4.curve { stroke: var(--c4); } .curve { fill: none !important; }
.whisker { stroke: var(--ink); stroke-width: 1; }
.grid { stroke: var(--rule); stroke-width: 1; }
.ideal { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 4 4; }
.pass { color: var(--good); font-weight: 600; } .miss, .fail { color: var(--bad); font-weight: 600; }
.key { display: inline-block; width: .7em; height: .7em; border-radius: 2px; margin: 0 .3em 0 .8em; background: currentColor; }
.key.c0 { color: var(--c0); } .key.c1 { color: var(--c1); }
`;
