// How web/docs.html looks: from 320 pixels on, light and dark, without scripts.
export const style = `
:root{color-scheme:light dark;--page:#fff;--text:#1b2333;--quiet:#566074;--line:#e3e7ee;--soft:#f5f7fa;--link:#0a5ec2;--brand:#047857;
--panel:#101828;--panel-text:#dbe2ee;--panel-quiet:#98a5bb;--k:#8fc7ff;--s:#9be3b5;--w:#f2b8e0;--n:#f7cf8b;--required:#b4380c;--bar:3.25rem}
@media(prefers-color-scheme:dark){:root{--page:#0c111b;--text:#e4e9f2;--quiet:#9ba7bb;--line:#232c3d;--soft:#151c2a;--link:#7cb8ff;--brand:#34d399;
--panel:#151c2a;--required:#ff9d73}}
*{box-sizing:border-box}
html{scroll-padding-top:calc(var(--bar) + 1rem);-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:break-word}
a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:2px}
a:focus-visible,pre:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:4px}
code,pre,var{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em;font-style:normal}
:not(pre)>code{background:var(--soft);border:1px solid var(--line);border-radius:4px;padding:.05em .3em}
.skip{position:absolute;left:-999px}.skip:focus{left:1rem;top:1rem;z-index:9;background:var(--page);padding:.5rem}
header{position:sticky;top:0;z-index:5;height:var(--bar);display:flex;gap:1rem;align-items:center;padding:0 1rem;background:var(--page);border-bottom:1px solid var(--line)}
.brand{font-weight:700;font-size:1.1rem;color:var(--text);text-decoration:none;margin-right:auto}.brand span{color:var(--brand)}
.download,.menu{font-size:.9rem;text-decoration:none}
nav{display:none;padding:1rem;border-bottom:1px solid var(--line);background:var(--soft)}nav:target{display:block}
nav h2{font-size:.78rem;letter-spacing:.05em;text-transform:uppercase;margin:1.25rem 0 .25rem}nav h2:first-child{margin-top:0}nav h2 a{color:var(--quiet);text-decoration:none}
nav ul{list-style:none;margin:0;padding:0}
nav li a{display:flex;justify-content:space-between;gap:.5rem;align-items:center;padding:.3rem .5rem;margin:0 -.5rem;border-radius:6px;color:var(--text);text-decoration:none;font-size:.9rem;line-height:1.35}
nav li a:hover{background:var(--line)}
main{padding:0 1rem 4rem;min-width:0}
h1{font-size:clamp(1.7rem,5vw,2.3rem);line-height:1.2;letter-spacing:-.02em;margin:2rem 0 .25rem}
h2{font-size:1.45rem;line-height:1.25;letter-spacing:-.01em;margin:2.5rem 0 .5rem}
h3{font-size:1.15rem;line-height:1.3;margin:0 0 .25rem}h3 code{font-size:1em}
.part{font-size:.8rem;letter-spacing:.04em;text-transform:uppercase;color:var(--quiet);margin:1.75rem 0 0;padding-bottom:.4rem;border-bottom:1px solid var(--line)}
p{margin:.6rem 0}.summary{font-size:1.1rem;color:var(--quiet);margin:0 0 1.5rem}
.anchor{color:inherit;text-decoration:none}.anchor:hover::after{content:" #";color:var(--quiet)}
.intro,.lead{max-width:46rem}
.tag{border-top:1px solid var(--line);margin-top:3rem}
.operation{padding:2rem 0;border-top:1px solid var(--line);display:grid;gap:1.25rem;grid-template-columns:minmax(0,1fr)}
.operation:target h3,.lead:target h2{color:var(--brand)}
.route{display:flex;gap:.5rem;align-items:baseline;margin:.25rem 0 .75rem;min-width:0}.route code{background:none;border:0;padding:0;overflow-wrap:anywhere;font-size:.92rem}.route var{color:var(--brand)}
.method{font:600 .68rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;border-radius:4px;padding:.1rem .4rem;background:#e8f1fd;color:#0a4d9e;flex:none}
.method.post{background:#e3f6ec;color:#04613f}.method.patch{background:#fdf1dc;color:#82510a}.method.delete{background:#fde8e6;color:#9c1c12}
@media(prefers-color-scheme:dark){.method{background:#132c4c;color:#9bcbff}.method.post{background:#0d3526;color:#7ee2b4}.method.patch{background:#3c2c0d;color:#f5c878}.method.delete{background:#431a17;color:#ffa79f}}
.members{border-collapse:collapse;width:100%;display:block}
.members tbody,.members tr,.members th,.members td{display:block;text-align:left;font-weight:400}
.members tr{padding:.6rem 0;border-bottom:1px solid var(--line)}.members tr:last-child{border-bottom:0}
.members th{display:flex;flex-wrap:wrap;gap:.1rem .6rem;align-items:baseline}
.name{font-weight:600;overflow-wrap:anywhere}:not(pre)>code.name{background:none;border:0;padding:0;font-size:.9rem}
.type{font-size:.82rem;color:var(--quiet)}.required{font-size:.75rem;font-weight:600;color:var(--required)}
.members p{margin:.15rem 0;font-size:.92rem}.members .limits{font-size:.84rem;color:var(--quiet)}
details{margin-top:.4rem}summary{cursor:pointer;font-size:.86rem;color:var(--link);width:max-content;max-width:100%}
details .members{border:1px solid var(--line);border-radius:8px;padding:0 .75rem;margin-top:.4rem}
.errors{margin-top:1.5rem}.errors ul{margin:.5rem 0;padding:0;list-style:none;font-size:.92rem}.errors li{padding:.2rem 0}.errors p{font-size:.92rem}
.scroll{overflow-x:auto}.plain{border-collapse:collapse;font-size:.92rem;min-width:100%}.plain th,.plain td{text-align:left;padding:.45rem .9rem .45rem 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}.plain th{color:var(--quiet);font-weight:600;overflow-wrap:normal}
.code{min-width:0}
.panel{margin:0 0 1rem;background:var(--panel);color:var(--panel-text);border-radius:10px;overflow:hidden;border:1px solid #232c3d}
.panel figcaption{padding:.5rem 1rem;font-size:.8rem;color:var(--panel-quiet);border-bottom:1px solid #232c3d}
.panel pre{margin:0;padding:.85rem 1rem;overflow:auto;max-height:32rem;line-height:1.5;tab-size:2}
.k{color:var(--k)}.s{color:var(--s)}.w{color:var(--w)}.n{color:var(--n)}
footer{margin-top:4rem;color:var(--quiet);font-size:.9rem}
@media(min-width:64rem){body{display:grid;grid-template-columns:17rem minmax(0,1fr);grid-template-rows:var(--bar) auto}
header{grid-column:1/-1;padding:0 1.5rem}.menu{display:none}
nav{display:block;position:sticky;top:var(--bar);height:calc(100vh - var(--bar));overflow-y:auto;border-right:1px solid var(--line);border-bottom:0;padding:1.5rem 1.25rem 3rem;background:none}
main{padding:0 2.5rem 5rem;max-width:88rem}}
@media(min-width:80rem){.operation{grid-template-columns:minmax(0,1fr) minmax(0,31rem);gap:3rem}.code{position:sticky;top:calc(var(--bar) + 1.5rem);align-self:start;max-height:calc(100vh - var(--bar) - 3rem);overflow-y:auto}}
@media print{header,nav{display:none}.panel{background:none;color:inherit}.k,.s,.w,.n{color:inherit}}
`.trim();
