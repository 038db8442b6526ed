/** The style of the pages Dure serves: the system's fonts and colours, light and dark. */
export const pageStyle = `
:root{color-scheme:light dark;--line:light-dark(#d8dbe0,#3a3f47);--soft:light-dark(#f4f5f7,#1d2025);--mark:light-dark(#0b5cad,#7db7f5)}
body{margin:0;font:16px/1.5 system-ui,sans-serif;background:light-dark(#fff,#14161a);color:light-dark(#1b1d21,#e4e6ea)}
header,main{max-width:60rem;margin:auto;padding:1rem}
header{border-bottom:1px solid var(--line)}
a{color:var(--mark)}
nav a{margin-right:1rem}
pre,code{font:14px/1.45 ui-monospace,monospace}
pre{background:var(--soft);padding:.75rem;overflow:auto;border-radius:6px}
details{border:1px solid var(--line);border-radius:6px;margin:.5rem 0;padding:.5rem .75rem}
summary{cursor:pointer}
summary b{display:inline-block;min-width:4rem;color:var(--mark)}
summary span{opacity:.75}
dt{font-weight:600;margin-top:.5rem}
dd{margin-left:1rem}
h2{margin-top:2rem}
`
