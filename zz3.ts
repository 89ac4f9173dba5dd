import { format } from './node_modules/@cfworker/json-schema/dist/esm/format.js'
for (const n of [500,1000,2000,4000,65536]) for (const p of ['://','a://','//','']) { const s=p+'0'.repeat(n)+'\n'; const t=performance.now(); (format as any)['uri-reference'](s); (format as any).uri(s); console.log(n,p,(performance.now()-t).toFixed(2)) }
