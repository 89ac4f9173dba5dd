import { z } from 'zod'; import * as mini from 'zod/mini'; import { type } from 'arktype'; import * as v from 'valibot'; import { Type as T0 } from '@sinclair/typebox'; import T1 from 'typebox'
const CONV = { target: 'draft-2020-12', libraryOptions: { unrepresentable: 'any' } } as any
const zs = z.strictObject({ a: z.email(), b: z.coerce.number(), c: z.string().min(3).max(5).optional(), d: z.union([z.string(), z.number()]), e: z.enum(['x','y']), f: z.record(z.string(), z.number()), g: z.date(), h: z.string().transform(Number), i: z.url(), j: z.ipv4(), k: z.iso.datetime(), l: z.base64(), m: z.string().brand('x'), n: z.uuid(), o:z.literal('q'), p: z.bigint(), q: z.jwt(), get r(){ return z.array(zs) } })
console.log(JSON.stringify((zs as any)['~standard'].jsonSchema?.input(CONV)))
console.log('mini', (mini.object({a: mini.string()}) as any)['~standard'].jsonSchema, Object.keys((mini.string().check(mini.minLength(3)) as any)))
const ms = mini.string().check(mini.minLength(3)) as any
console.log(ms.def, ms._zod.def, ms.def.checks?.[0]._zod.def)
const at = type({ a: 'string.email', b: 'string >= 3', c: "'x'|'y'", 'd?': 'number.integer > 0', e: 'string.numeric.parse', f: 'Date' })
try { console.log('ark', JSON.stringify((at as any)['~standard'].jsonSchema?.input(CONV))) } catch (e) { console.log('ark threw', String(e)) }
try { console.log('ark', JSON.stringify((at as any)['~standard'].jsonSchema?.input({target:'draft-2020-12', libraryOptions: { fallback: (c: any) => c.base }}))) } catch (e) { console.log('ark threw', String(e)) }
console.log('v', JSON.stringify(v.strictObject({ a: v.pipe(v.string(), v.email(), v.minLength(3)), b: v.picklist(['x','y']), c: v.literal(1), d: v.optional(v.number()), e: v.union([v.string(), v.number()]), f: v.enum({A: 1}), g: v.pipe(v.string(), v.regex(/^a/i)), h: v.variant('t', [v.object({t: v.literal('x')})]), i: v.tuple([v.string()]), j: v.record(v.string(), v.number()), k: v.nullable(v.string()), l: v.lazy(()=>v.string()) }), (k, x)=> typeof x==='function'||k==='~standard'?undefined:x))
const t0 = T0.Object({ a: T0.String({ format: 'email' }), b: T0.Optional(T0.Integer()), c: T0.Union([T0.Literal('x'), T0.Literal('y')]), d: T0.Recursive(This => T0.Object({ k: T0.Array(This) })), e: T0.Date(), f: T0.Unsafe<string>({type:'string'}), g: T0.Transform(T0.String()).Decode(Number).Encode(String) })
console.log(JSON.stringify(t0), Object.getOwnPropertySymbols(t0), '~standard' in t0, Object.getPrototypeOf(t0)===Object.prototype)
const t1 = T1.Object({ a: T1.String({ format: 'email' }), b: T1.Optional(T1.Integer()), c: T1.Union([T1.Literal('x'), T1.Literal('y')]), d: T1.Cyclic({ N: T1.Object({ k: T1.Array(T1.Ref('N')) }) }, 'N'), g: T1.Record(T1.String(), T1.Number()) })
console.log(JSON.stringify(t1), Object.getOwnPropertyNames(t1), '~standard' in t1, Object.getPrototypeOf(t1)===Object.prototype)
