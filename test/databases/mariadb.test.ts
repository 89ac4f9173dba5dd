/** Rotations of a real MariaDB under load, where the machine has one; in CI it has. */

import { describeMariadb } from '../support/mariadb.js'
import { mariadbEngine } from './engine.js'
import { rotationScenes } from './scenes.js'
import { byHand } from './ways.js'

await describeMariadb('MariaDB', (mariadb) => {
  rotationScenes(mariadbEngine(mariadb), byHand)
})
