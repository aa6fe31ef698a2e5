// What users of @clickhouse/client do. Each check prints a line when it is
// through; the first that fails ends the run.
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { createClient, ClickHouseError } from '@clickhouse/client'

const connect = (username, password, more = {}) =>
  createClient({ url: process.env.CLICKHOUSE_URL, username, password, database: process.env.CLICKHOUSE_DATABASE, ...more })
const service = connect('service', 's3cret')
const reader = connect('reader', 'r3ad')

const codeOf = async (promise) => {
  try {
    await promise
  } catch (err) {
    assert.ok(err instanceof ClickHouseError, String(err))
    return `${err.code} ${err.type}`
  }
  return 'no error'
}

const checks = {
  async ping() {
    assert.equal((await service.ping()).success, true)
    assert.equal((await reader.ping({ select: true })).success, true)
  },

  async command() {
    await service.command({ query: 'CREATE TABLE js (id UInt64, name String, at DateTime64(3)) ENGINE = MergeTree ORDER BY id' })
  },

  async insert() {
    const values = [{ id: 1, name: "it's; FORMAT", at: '2020-05-01 10:00:00.123' }, { id: '2', name: '文', at: 0 }]
    const { summary } = await service.insert({ table: 'js', values, format: 'JSONEachRow' })
    assert.equal(summary.written_rows, '2')
  },

  async 'insert of a stream, compressed'() {
    const packing = connect('service', 's3cret', { compression: { request: true, response: true } })
    const rows = Readable.from((function* () {
      for (let i = 0; i < 20000; i++) yield [i + 10, `n${i}`, '2020-01-01 00:00:00.000']
    })())
    await packing.insert({ table: 'js', values: rows, format: 'JSONCompactEachRow' })
    const result = await packing.query({ query: 'SELECT count() AS n FROM js', format: 'JSONEachRow' })
    assert.deepEqual(await result.json(), [{ n: 20002 }])
    await packing.close()
  },

  async 'select of JSON'() {
    const result = await reader.query({ query: 'SELECT id, name FROM js WHERE id < 10 ORDER BY id' })
    const { data, rows, meta } = await result.json()
    assert.deepEqual(data, [{ id: 1, name: "it's; FORMAT" }, { id: 2, name: '文' }])
    assert.equal(rows, 2)
    assert.deepEqual(meta.map((m) => m.type), ['UInt64', 'String'])
  },

  async 'select of a large JSON'() {
    const result = await service.query({ query: 'SELECT number FROM numbers(300000)', format: 'JSON' })
    const { data, rows, statistics } = await result.json()
    assert.deepEqual([data.length, rows, data[299999].number], [300000, 300000, 299999])
    assert.equal(statistics.rows_read, 300000)
  },

  async 'select of a stream'() {
    const result = await service.query({ query: 'SELECT number FROM numbers(300000)', format: 'JSONEachRow' })
    let n = 0
    for await (const rows of result.stream()) n += rows.length
    assert.equal(n, 300000)
  },

  async parameters() {
    const query_params = { text: "a\\b\tc\nd'; SELECT", n: 7, list: ['x', "y'"], at: new Date('2020-05-01T10:00:00Z'), none: null }
    const query = 'SELECT {text:String} AS text, {n:UInt8} AS n, {list:Array(String)} AS list, toString({at:DateTime}) AS at, {none:Nullable(String)} AS none'
    const [row] = await (await reader.query({ query, query_params, format: 'JSONEachRow' })).json()
    assert.deepEqual(row, { text: query_params.text, n: 7, list: query_params.list, at: '2020-05-01 10:00:00', none: null })
  },

  async settings() {
    const query = "SELECT getSetting('max_execution_time') AS s"
    const result = await reader.query({ query, format: 'JSONEachRow', clickhouse_settings: { max_execution_time: 5 } })
    assert.equal(String((await result.json())[0].s), '5')
    assert.equal(await codeOf(reader.query({ query, clickhouse_settings: { max_execution_time: 5000 } })), '452 SETTING_CONSTRAINT_VIOLATION')
  },

  async exec() {
    const { stream } = await reader.exec({ query: "SELECT id FROM js WHERE id < 3 ORDER BY id FORMAT CSVWithNames" })
    let text = ''
    for await (const chunk of stream) text += chunk
    assert.equal(text, '"id"\n1\n2\n')
  },

  async 'exec of Parquet'() {
    const { stream } = await reader.exec({ query: 'SELECT id, name FROM js LIMIT 1000 FORMAT Parquet' })
    const parts = []
    for await (const chunk of stream) parts.push(chunk)
    const file = Buffer.concat(parts)
    assert.equal(file.subarray(0, 4).toString() + file.subarray(-4).toString(), 'PAR1PAR1')
  },

  async errors() {
    assert.equal(await codeOf(service.query({ query: 'SELECT * FROM nowhere' })), '60 UNKNOWN_TABLE')
    assert.equal(await codeOf(service.query({ query: 'selec' })), '62 SYNTAX_ERROR')
    assert.equal(await codeOf(reader.query({ query: "SELECT file('x')" })), '497 ACCESS_DENIED')
    assert.equal(await codeOf(reader.command({ query: 'DROP TABLE js' })), '164 READONLY')
    assert.equal(await codeOf(reader.insert({ table: 'js', values: [{ id: 1 }], format: 'JSONEachRow' })), '164 READONLY')
    const stranger = connect('stranger', 'x')
    assert.equal(await codeOf(stranger.query({ query: 'SELECT 1' })), '516 AUTHENTICATION_FAILED')
    await stranger.close()
  },

  async 'an error after rows'() {
    const result = await service.query({ query: 'SELECT number, throwIf(number = 2900000) FROM numbers(3000000)', format: 'JSONEachRow' })
    await assert.rejects(async () => {
      for await (const rows of result.stream()) void rows
    }, /throwIf|FUNCTION_THROW_IF_VALUE_IS_NON_ZERO|aborted|terminated/i)
  },

  async 'abort before rows'() {
    const controller = new AbortController()
    const query = 'SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(number)'
    const asked = service.query({ query, abort_signal: controller.signal })
    setTimeout(() => controller.abort(), 100)
    await assert.rejects(asked, /abort/i)
  },

  async 'close among rows'() {
    const result = await service.query({ query: 'SELECT number FROM numbers(1000000000000)', format: 'JSONEachRow' })
    let parts = 0
    try {
      for await (const rows of result.stream()) {
        void rows
        if (++parts === 3) result.close()
        if (parts === 1000) break
      }
    } catch {
      // Whether the loop ends or fails is the client's affair.
    }
    assert.ok(parts >= 3 && parts < 1000, `${parts} parts`)
  },
}

for (const [name, check] of Object.entries(checks)) {
  await check()
  console.log(name)
}
await Promise.all([service.close(), reader.close()])
