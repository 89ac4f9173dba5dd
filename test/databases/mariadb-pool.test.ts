/** Rotations of a real MariaDB under load, through the adapter's pool; in CI the machine has one. */

import { describeMariadb } from '../support/mariadb.js'
import { mariadbEngine } from './engine.js'
import { rotationFunctionScenes } from './function-scenes.js'
import { rotationScenes } from './scenes.js'
import { mysqlPool } from './ways.js'

await describeMariadb('MariaDB', (mariadb) => {
  const engine = mariadbEngine(mariadb)
  rotationScenes(engine, mysqlPool)
  rotationFunctionScenes(engine, mysqlPool)
})
