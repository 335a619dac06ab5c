# frozen_string_literal: true

# Receives Epay's webhooks, believes only what Epay signed, and acts once on each.
#   EPAY_WEBHOOK_SECRET=whsec_… PORT=3000 ruby receiver.rb        (gem install webrick)

require 'json'
require 'openssl'
require 'set'
require 'webrick'

TOLERANCE_SECONDS = 300

# Whether Epay signed this body with this key, no more than five minutes ago.
def authentic?(key, request, now: Time.now.to_i)
  id = request['webhook-id'].to_s
  timestamp = request['webhook-timestamp'].to_s
  return false if id.empty? || !timestamp.match?(/\A\d+\z/)
  return false if (now - timestamp.to_i).abs > TOLERANCE_SECONDS

  digest = OpenSSL::HMAC.digest('SHA256', key, "#{id}.#{timestamp}.".b + request.body.to_s.b)
  expected = "v1,#{[digest].pack('m0')}"
  request['webhook-signature'].to_s.split.any? { |signature| OpenSSL.secure_compare(expected, signature) }
end

def act_on(id, event)
  transaction = event['transaction']
  return unless transaction # not a payment: an event type that this receiver does not know

  puts "ok #{id} #{transaction['reference']} #{transaction['status']}"
end

key = ENV.fetch('EPAY_WEBHOOK_SECRET', '').delete_prefix('whsec_').unpack1('m0')
abort 'EPAY_WEBHOOK_SECRET is not set to a whsec_… secret' if key.empty?
$stdout.sync = true

# In your application: a unique key in the database, inserted in the transaction of the event's effect.
seen = Set.new
lock = Mutex.new

server = WEBrick::HTTPServer.new(BindAddress: '127.0.0.1', Port: ENV.fetch('PORT', 3000))
server.mount_proc('/webhooks') do |request, response|
  if request.request_method != 'POST'
    response.status = 405
    response['allow'] = 'POST'
  elsif !authentic?(key, request)
    response.status = 400
  else
    id = request['webhook-id']
    lock.synchronize { act_on(id, JSON.parse(request.body)) if seen.add?(id) }
    response.status = 204
  end
end
%w[INT TERM].each { |signal| trap(signal) { server.shutdown } }
server.start
