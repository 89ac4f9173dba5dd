/**
 * Knows the database engines as AWS spells them: the port that each listens on, and the scheme of its URLs.
 *
 * @module
 */

/** What the engines of one wire protocol share. */
export interface EngineFamily {
  /** Which protocol. */
  readonly name: 'mysql' | 'postgres' | 'oracle' | 'sqlserver' | 'db2' | 'redshift' | 'mongo'
  /** The port where none is stored. */
  readonly port: number
  /** The scheme of its URLs; none where drivers take no URL with credentials in it. */
  readonly scheme?: string
}

const MYSQL: EngineFamily = { name: 'mysql', port: 3306, scheme: 'mysql' }
const POSTGRES: EngineFamily = { name: 'postgres', port: 5432, scheme: 'postgres' }
const SQLSERVER: EngineFamily = { name: 'sqlserver', port: 1433, scheme: 'mssql' }
const MONGO: EngineFamily = { name: 'mongo', port: 27_017, scheme: 'mongodb' }

/** Families by the spellings of the engine; editions, as in `oracle-ee`, follow after a hyphen. */
const FAMILIES: ReadonlyMap<string, EngineFamily> = new Map<string, EngineFamily>([
  ['mysql', MYSQL],
  ['mariadb', MYSQL],
  ['aurora', MYSQL],
  ['aurora-mysql', MYSQL],
  ['postgres', POSTGRES],
  ['postgresql', POSTGRES],
  ['aurora-postgres', POSTGRES],
  ['aurora-postgresql', POSTGRES],
  ['oracle', { name: 'oracle', port: 1521 }],
  ['sqlserver', SQLSERVER],
  ['mssql', SQLSERVER],
  ['db2', { name: 'db2', port: 50_000 }],
  ['redshift', { name: 'redshift', port: 5439, scheme: 'redshift' }],
  ['mongo', MONGO],
  ['mongodb', MONGO],
  ['docdb', MONGO],
  ['documentdb', MONGO],
])

/** Engines that come in editions, such as `oracle-se2` and `custom-sqlserver-ee`. */
const EDITION = /^(?:custom-)?(oracle|sqlserver|db2)-/

/** The family of an engine, in any case; `undefined` for one that is not known. */
export function familyOf(engine: string): EngineFamily | undefined {
  const spelling = engine.toLowerCase()
  return FAMILIES.get(EDITION.exec(spelling)?.[1] ?? spelling)
}

/** The port that an engine listens on unless told otherwise. */
export function defaultPortOf(engine: string): number | undefined {
  return familyOf(engine)?.port
}
