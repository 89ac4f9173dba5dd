import { casesOf } from './test/support/json-schema-suite.js'
import { Decoder } from './src/decode/decode.js'
import { DecodedValues } from './src/decode/decoded-values.js'
for (const d of ['draft7','draft2020-12'] as const) {
  let ok=0, n=0; const t0=Date.now(); const decoder=new Decoder()
  const out: string[]=[]
  for (const c of casesOf(d)) { n++
    const r = await decoder.decode({text: JSON.stringify(c.data)}, new DecodedValues(), {as:'json', ref:'r', schema:c.schema}).then(()=>[true,''] as const,(e)=>[!/does not match/.test(e.message) ? e.message : false, e.message] as const)
    if (r[0]===c.valid) ok++; else out.push(`${c.title} -> ${r[1].slice(0,200)}`) }
  console.log(d, ok, n, Date.now()-t0,'ms'); console.log(out.join('\n'))
}
