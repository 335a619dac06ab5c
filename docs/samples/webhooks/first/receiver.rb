require 'json'
require 'webrick'

server = WEBrick::HTTPServer.new(BindAddress: '127.0.0.1', Port: ENV.fetch('PORT', 3000))
server.mount_proc('/webhooks') do |request, response|
  transaction = JSON.parse(request.body).fetch('transaction')
  warn "#{transaction['reference']} #{transaction['status']}"
  response.status = 200
end
server.start
