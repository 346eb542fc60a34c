# scenario.rb PORT FOLDER: by TLS, with bunny. FOLDER has ca.pem, other.pem, client.pem, client.key.
require "bunny"

PORT = Integer(ARGV[0])
FOLDER = ARGV[1]
$stdout.sync = true

def connect(authority, certificate: false, external: false)
  options = {
    host: "localhost",
    port: PORT,
    tls: true,
    verify_peer: true,
    tls_ca_certificates: ["#{FOLDER}/#{authority}.pem"],
    automatically_recover: false,
    recover_from_connection_close: false,
    log_level: :fatal
  }
  if certificate
    options[:tls_cert] = "#{FOLDER}/client.pem"
    options[:tls_key] = "#{FOLDER}/client.key"
  end
  options[:auth_mechanism] = "EXTERNAL" if external
  connection = Bunny.new(options)
  connection.start
  connection
end

def trip(connection)
  channel = connection.create_channel
  channel.confirm_select
  queue = channel.queue("", exclusive: true)
  body = "x" * 300_000
  queue.publish(body)
  channel.wait_for_confirms
  got = queue.pop[2]
  connection.close
  got == body ? "all of it" : "something else"
end

def refused(what, authority, **how)
  connect(authority, **how).close
  puts "#{what}: let in"
rescue StandardError
  puts "#{what}: refused"
end

puts "server verified: #{trip(connect("ca"))}"
puts "with a certificate: #{trip(connect("ca", certificate: true))}"
puts "by the certificate: #{trip(connect("ca", certificate: true, external: true))}"
refused("a server of somebody else's", "other")
refused("by no certificate", "ca", external: true)
