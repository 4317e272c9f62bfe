# Sourced by the checks that start servers: a folder for what they leave, and
# their end.
dir=$(mktemp -d)
children=()
end() {
  [ ${#children[@]} -eq 0 ] || kill "${children[@]}" 2>/dev/null || true
  wait || true
  rm -rf "$dir"
}
trap end EXIT

# until_ok SECONDS COMMAND...: waits for a command to succeed.
until_ok() {
  local last=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $last ] || { echo "never: $*"; cat "$dir"/*.log; return 1; }
    sleep 0.2
  done
}

# free_port: where nobody listens, for programs that do not tell which port they
# were given. The system gives those above 32768 to others.
free_port() {
  local port
  while port=$((10000 + RANDOM % 20000)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}

# emulate: a workspace of one page behind $notion, and what serve needs for it.
emulate() {
  go build -o "$dir/mcp-notion" ./cmd/mcp-notion
  mkdir "$dir/pages"
  printf '# Travel\n\nTrains are booked by the office.\n' > "$dir/pages/travel.md"
  export MCP_NOTION_DATA=$dir/data MCP_NOTION_BEARER=a-bearer-for-this-check NOTION_TOKEN=ntn_emulated
  "$dir/mcp-notion" emulate --dir "$dir/pages" --addr 127.0.0.1:0 > "$dir/emulate.log" 2>&1 &
  children+=($!)
  until_ok 20 grep -q 'http://127' "$dir/emulate.log"
  notion=$(grep -o 'http://127[0-9.:]*' "$dir/emulate.log" | head -1)
}

# ask: a question to the server that writes serve.log, which must be answered.
ask() {
  local mcp
  until_ok 20 grep -q 'http://127.*/mcp' "$dir/serve.log"
  mcp=$(grep -o 'http://127[0-9.:]*/mcp' "$dir/serve.log" | head -1)
  curl -sf -H "Authorization: Bearer $MCP_NOTION_BEARER" -H 'Content-Type: application/json' "$mcp" \
    -d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search_notion","arguments":{"query":"trains"}}}' > "$dir/answer.log"
  grep -q 'booked by the office' "$dir/answer.log"
}
