// Are Grafana's dashboards what Grafana's own types say? `node dashboards.mjs DASHBOARD.json…`, in a folder where
// `@grafana/schema` and `typescript` are installed. Each dashboard and each panel's options become a typed constant, so that a
// misspelt or misplaced field is a complaint of the compiler. JSON has no enums: their values count as well.

import fs from 'node:fs'
import path from 'node:path'
import ts from 'typescript'

const PANELS = {
  timeseries: 'timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen.d.ts',
  stat: 'stat/panelcfg/x/StatPanelCfg_types.gen.d.ts',
  table: 'table/panelcfg/x/TablePanelCfg_types.gen.d.ts',
  'state-timeline': 'statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen.d.ts',
}
const HEAD = `import type { Dashboard } from '@grafana/schema'
type Plain<T> = T extends string ? \`\${T}\` : T extends object ? { [K in keyof T]: Plain<T[K]> } : T
type Some<T> = T extends unknown[] ? T : T extends object ? { [K in keyof T]?: Some<T[K]> } : T
`

function source(dashboard) {
  // The rest of a target is its data source's own.
  for (const annotation of dashboard.annotations.list) annotation.target = { refId: annotation.target.refId }
  const panels = dashboard.panels.filter((panel) => panel.type !== 'row')
  const typed = panels.map((panel) => {
    if (!PANELS[panel.type]) throw new Error(`${panel.title}: no types are known for panels of type ${panel.type}`)
    const module = `import('@grafana/schema/dist/types/raw/composable/${PANELS[panel.type]}')`
    const custom = panel.fieldConfig.defaults.custom ?? {}
    const fields = panel.type === 'stat' ? '' : `const custom${panel.id}: Plain<Some<${module}.FieldConfig>> = ${JSON.stringify(custom)}\n`
    return `${fields}const options${panel.id}: Plain<Some<${module}.Options>> = ${JSON.stringify(panel.options)}\n`
  })
  return `${HEAD}export const dashboard: Plain<Dashboard> = ${JSON.stringify(dashboard, null, 1)}\n${typed.join('')}`
}

const files = process.argv.slice(2)
fs.mkdirSync('typed', { recursive: true })
const sources = files.map((file, number) => {
  const written = path.join('typed', `dashboard${number}.ts`)
  fs.writeFileSync(written, source(JSON.parse(fs.readFileSync(file, 'utf8'))))
  return written
})
const program = ts.createProgram(sources, {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  target: ts.ScriptTarget.ES2022,
})
let complaints = 0
sources.forEach((written, number) => {
  for (const found of ts.getPreEmitDiagnostics(program, program.getSourceFile(written))) {
    complaints += 1
    const line = written && found.file ? found.file.text.slice(0, found.start).split('\n').at(-1).slice(0, 120) : ''
    console.log(`${files[number]}: ${ts.flattenDiagnosticMessageText(found.messageText, '\n  ')}\n  at ${line}`)
  }
})
console.log(`${files.length} dashboards, ${complaints} complaints`)
process.exit(complaints ? 1 : 0)
