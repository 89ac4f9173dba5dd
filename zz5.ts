import { z } from 'zod'; import * as mini from 'zod/mini'; import { type } from 'arktype'; import * as v from 'valibot'
import { Decoder } from './src/decode/decode.js'
import { DecodedValues } from './src/decode/decoded-values.js'
const value = { db: { port: 'NEEDLE', NEEDLE: 'x' }, list: [{ n: 'N' }], s: 'ab', e: 'no' }
const S: [string, any][] = [
['z1', z.object({ db: z.object({ port: z.number() }), list: z.array(z.object({n: z.number()})) , s: z.string().min(3).max(1), e: z.enum(['x','y'])})],
['z strict', z.strictObject({ db: z.strictObject({port: z.string()}), list: z.unknown() })],
['z missing', z.object({ q: z.object({a: z.string()}) , r: z.string()})],
['z union', z.object({ db: z.union([z.string(), z.number()]), s: z.union([z.object({a: z.string()}), z.number()]) })],
['z coerce', z.object({ s: z.coerce.number() , list: z.coerce.string().max(1)})],
['z refine', z.object({ s: z.string().refine(()=>false) })],
['z email', z.object({ s: z.email(), e: z.url() })],
['z custom format', z.object({ s: z.stringFormat('my', /^x/), e: z.uuid() })],
['z discr', z.object({ db: z.discriminatedUnion('port', [z.object({port: z.literal('a')}), z.object({port: z.literal('b')})]) })],
['mini', mini.object({ db: mini.object({ port: mini.number() }), e: mini.enum(['x','y']), q: mini.string() })],
['v', v.strictObject({ db: v.object({ port: v.pipe(v.string(), v.maxLength(3)) }), s: v.pipe(v.string(), v.email()), e: v.picklist(['x','y']), q: v.string(), list: v.array(v.object({n: v.number()})) })],
['v union', v.object({ db: v.union([v.string(), v.number()]), s: v.pipe(v.string(), v.transform(Number), v.minValue(3)) , e: v.nullable(v.number())})],
['v variant', v.variant('s', [v.object({s: v.literal('x')})])],
['ark', type({ db: { port: 'number' }, s: 'string.email', e: "'x'|'y'", q: 'string' })],
['ark morph', type({ s: 'string.numeric.parse', '+': 'reject' })],
]
for (const [n, schema] of S) await new Decoder().decode({text: JSON.stringify(value)}, new DecodedValues(), {as:'json', ref:'r', schema}).then(v=>console.log(n, 'OK', v), e=>console.log(n, e.message))
