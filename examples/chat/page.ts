/** The page: it signs in without a question, and connects with the token as a subprotocol. */
export const page = `<!doctype html>
<meta charset="utf-8">
<title>Chat</title>
<form><input id="line" autocomplete="off" autofocus> <button>Say</button></form>
<pre id="said"></pre>
<script type="module">
  const { token } = await (await fetch('/token', { method: 'POST' })).json()
  const socket = new WebSocket(location.href.replace(/^http/, 'ws'), ['chat', 'bearer.' + token])
  const show = (text) => (document.querySelector('#said').textContent += text + '\\n')
  socket.onmessage = ({ data }) => show(JSON.parse(data).text)
  socket.onclose = ({ code }) => show('closed: ' + code)
  document.querySelector('form').onsubmit = (event) => {
    event.preventDefault()
    socket.send(JSON.stringify({ say: document.querySelector('#line').value }))
    document.querySelector('#line').value = ''
  }
  // A fresh token before the old one ends.
  setInterval(async () => {
    const { token: fresh } = await (await fetch('/token', { method: 'POST' })).json()
    socket.send(JSON.stringify({ renew: fresh }))
  }, 30_000)
</script>
`
