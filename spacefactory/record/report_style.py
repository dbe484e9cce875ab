"""How report.html looks: for paper-white and dark screens, wide ones and telephones."""

STYLE = """
:root{color-scheme:light dark;--ground:#fbfaf7;--card:#fff;--ink:#1d1f24;--soft:#5c6270;--line:#e2dfd6;--good:#146c43;
--good-bg:#dff3e6;--bad:#a3231c;--bad-bg:#fbe3e0;--open:#7a5200;--open-bg:#fbefd0;--accent:#2b4fa2}
@media (prefers-color-scheme:dark){:root{--ground:#14161a;--card:#1c1f25;--ink:#e9e7e1;--soft:#a5abb8;--line:#31353e;
--good:#7fd6a3;--good-bg:#153526;--bad:#ff9c92;--bad-bg:#431b18;--open:#f0c869;--open-bg:#3c2f10;--accent:#9db7ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:66rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{margin:.1em 0 .3em;font-size:clamp(1.5rem,5vw,2.3rem);line-height:1.15;overflow-wrap:anywhere}
h2{margin:2.6rem 0 .8rem;font-size:1.3rem}
h3{margin:0;font-size:1rem}
p{margin:.4em 0}
a{color:var(--accent);overflow-wrap:anywhere}
code,pre{font:.88em/1.5 ui-monospace,"SFMono-Regular",Menlo,Consolas,monospace;overflow-wrap:anywhere}
pre{margin:0;white-space:pre-wrap;max-height:22rem;overflow:auto}
.kind,.aside,figcaption,time,.named>span{color:var(--soft);font-size:.86rem}
.status{display:inline-block;margin:.2em 0;padding:.25em .8em;border-radius:2em;font-weight:650;
background:var(--open-bg);color:var(--open)}
.status.full_inference_success{background:var(--good-bg);color:var(--good)}
.status.technical_blocker,.status.failed{background:var(--bad-bg);color:var(--bad)}
.lead{font-size:1.1rem}
.reason,.error{padding:.7em 1em;border-left:4px solid var(--bad);background:var(--bad-bg);border-radius:4px;
overflow-wrap:anywhere}
.note{padding:.7em 1em;border-left:4px solid var(--open);background:var(--open-bg);border-radius:4px;
overflow-wrap:anywhere}
.ladder{list-style:none;margin:1.2rem 0;padding:0;display:grid;gap:.25rem}
.ladder li{display:grid;grid-template-columns:1.6rem 7rem 1fr;align-items:baseline}
.ladder em{font-style:normal}
.ladder .reached span{color:var(--good);font-weight:700}
.ladder .missed{color:var(--soft)}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1.2rem;margin:1.2rem 0;padding:1rem 1.2rem;
background:var(--card);border:1px solid var(--line);border-radius:10px}
.facts dt{color:var(--soft)}
.facts dd{margin:0;overflow-wrap:anywhere}
article{display:grid;grid-template-columns:minmax(0,2fr) minmax(0,3fr);gap:.3rem 1.4rem;margin:0 0 1rem;
padding:1rem 1.2rem;background:var(--card);border:1px solid var(--line);border-radius:10px}
article h3{align-self:center}
article>.aside{margin:0;text-align:right}
.in,.out{display:grid;gap:.7rem;align-content:start;min-width:0}
.named{min-width:0}
figure{margin:0;min-width:0}
img,video{display:block;max-width:100%;max-height:26rem;border-radius:6px;border:1px solid var(--line)}
.in img,.in video{max-height:11rem}
audio{display:block;width:100%;min-width:0}
table{width:100%;border-collapse:collapse;background:var(--card);border:1px solid var(--line);font-size:.93rem}
th,td{padding:.5rem .7rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:600}
td:nth-child(3){overflow-wrap:anywhere}
td:first-child code{overflow-wrap:normal}
td:nth-child(4),td:nth-child(5){font-variant-numeric:tabular-nums;white-space:nowrap}
.ok,.bad,.open{padding:.1em .6em;border-radius:1em;white-space:nowrap;font-weight:600}
.ok{color:var(--good);background:var(--good-bg)}
.bad{color:var(--bad);background:var(--bad-bg)}
.open{color:var(--open);background:var(--open-bg)}
.steps{padding-left:1.1rem}
@media (max-width:46rem){
main{padding:1.2rem .9rem 3rem}
article{grid-template-columns:minmax(0,1fr)}
article>.aside{text-align:left}
.facts{grid-template-columns:1fr;gap:0}
.facts dd{margin-bottom:.5rem}
.ladder li{grid-template-columns:1.4rem 1fr}
.ladder em{grid-column:2}
.ladder li{font-size:.95rem}
thead{display:none}
table,tbody,tr,td{display:block}
tr{padding:.6rem .2rem;border-bottom:1px solid var(--line)}
td{border:0;padding:.15rem .6rem}
td:empty{display:none}
td:first-child code{overflow-wrap:anywhere}
td[data-name=measured]::before,td[data-name=threshold]::before,td[data-name="needed for"]::before{
content:attr(data-name) ": ";color:var(--soft)}
}
@media print{article,tr{break-inside:avoid}}
"""
