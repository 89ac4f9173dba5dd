import { format } from './node_modules/@cfworker/json-schema/dist/esm/format.js'
const bases = ['a','1','-','.','/','~','%','%41',':','a-','a.','a:','::','1:','{a}','{a,','{a.a','\\','"','\\a','@','a@','[','://','http://a','http://a-','http://a@','http://:','//a@','?','#','T','P1Y','P','1Y','0','é',' ','\t','+','(a','(a|','(a+','0.','1.1.1.','a1','%4','&','http://é-','\u00a1','::1:','0:0:']
const prefixes=['','http://','a:','a://','a@','"','2020-01-01T00:00:00.','P','/','#/','http://a','http://a.','{','mailto:','urn:','://','x://a@','?','a:?','00:00:00.','[','a@[IPv6:','(']
for (const [name, f] of Object.entries(format) as any) { if (['url','date','time','date-time','duration'].includes(name)) continue
  let worst=0, at=''
  for (const p of prefixes) for (const b of bases) for (const s of ['','!','\n','\u0000','@','{']) {
    // growth test: n small first to detect exponential
    for (const n of [24, 28, 2000, 65536]) {
      const str = (p + b.repeat(Math.ceil(n/b.length)) + s)
      const t=performance.now(); f(str); const dt=performance.now()-t
      if (dt>worst) {worst=dt; at=JSON.stringify([p,b,s,n])}
      if (dt>150) break
    }
    if (worst>3000) break
  }
  console.log(name, worst.toFixed(1), at)
}
