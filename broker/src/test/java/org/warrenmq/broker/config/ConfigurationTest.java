package org.warrenmq.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.warrenmq.store.StoreOptions;

/** What a file in rabbitmq.conf's format sets, and what it may not say. */
class ConfigurationTest {
  private static final long HEAP = Runtime.getRuntime().maxMemory();

  @TempDir private Path folder;

  private List<String> withoutEffect = List.of();

  private BrokerConfig read(String... lines) throws IOException, StartupException {
    return read(write(lines), BrokerConfig.defaults());
  }

  private BrokerConfig read(Path file, BrokerConfig base) throws StartupException {
    Configuration given = ConfigSources.find(file, Map.of(), folder).read();
    withoutEffect = given.withoutEffect();
    return ConfigReader.read(given, base);
  }

  private Path write(String... lines) throws IOException {
    return Files.write(folder.resolve("rabbitmq.conf"), List.of(lines));
  }

  @Test
  @DisplayName("an empty file changes nothing")
  void empty() throws Exception {
    assertThat(read()).isEqualTo(BrokerConfig.defaults());
    assertThat(withoutEffect).isEmpty();
  }

  @Test
  @DisplayName("a listener is a port, or an address and a port")
  void listeners() throws Exception {
    assertThat(read("listeners.tcp.default = 5673").listeners())
        .isEqualTo(new BrokerConfig.Listeners("0.0.0.0", 5673, 15672));
    assertThat(read("listeners.tcp.default = 127.0.0.1:5674").listeners())
        .isEqualTo(new BrokerConfig.Listeners("127.0.0.1", 5674, 15672));
    assertThat(read("listeners.tcp.1 = [::1]:5675").listeners())
        .isEqualTo(new BrokerConfig.Listeners("::1", 5675, 15672));
    assertThat(read("listeners.tcp.default = :::5676").listeners())
        .isEqualTo(new BrokerConfig.Listeners("::", 5676, 15672));
    assertThat(read("management.tcp.port = 15680").listeners())
        .isEqualTo(new BrokerConfig.Listeners("0.0.0.0", 5672, 15680));
    assertThat(withoutEffect).isEmpty();
  }

  @Test
  @DisplayName("there may be several listeners")
  void severalListeners() throws Exception {
    assertThat(read("listeners.tcp.2 = 5677", "listeners.tcp.1 = 127.0.0.1:5676").listeners())
        .isEqualTo(
            new BrokerConfig.Listeners(
                List.of(
                    new BrokerConfig.Listener("127.0.0.1", 5676),
                    new BrokerConfig.Listener("0.0.0.0", 5677)),
                15672));
    assertThat(withoutEffect).isEmpty();
  }

  @Test
  @DisplayName("all of IPv4 does not go with IPv6: what would be listened on is said to be wrong")
  void allOfIpv4BesideIpv6() {
    assertThatThrownBy(() -> read("listeners.tcp.1 = 5672", "listeners.tcp.2 = [::1]:5672"))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("listeners.tcp.")
        .hasMessageContaining("[::]");
  }

  @Test
  @DisplayName("limits")
  void limits() throws Exception {
    BrokerConfig.Limits limits =
        read(
                "heartbeat = 30",
                "handshake_timeout = 5000",
                "frame_max = 65536",
                "initial_frame_max = 8192",
                "channel_max = 128",
                "max_message_size = 134217728",
                "vm_memory_high_watermark.absolute = 512MiB",
                "consumer_timeout = 3600000",
                "warren.consumer_timeout_action = close_channel")
            .limits();
    assertThat(limits)
        .isEqualTo(
            new BrokerConfig.Limits(
                Duration.ofSeconds(30),
                Duration.ofSeconds(5),
                65536,
                8192,
                128,
                134217728,
                512L << 20,
                new BrokerConfig.ConsumerTimeout(
                    3_600_000, BrokerConfig.ConsumerTimeout.Action.CLOSE_CHANNEL)));
    assertThat(withoutEffect).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"undefined, 0", "0, 0", "1, 1", "315360000000, 315360000000"})
  @DisplayName(
      "the acknowledgement timeout is a number of milliseconds, or undefined or 0 for none")
  void consumerTimeout(String given, long millis) throws Exception {
    assertThat(read("consumer_timeout = " + given).limits().consumerTimeout())
        .isEqualTo(
            new BrokerConfig.ConsumerTimeout(millis, BrokerConfig.ConsumerTimeout.Action.REQUEUE));
    assertThat(read().limits().consumerTimeout().millis()).isEqualTo(1_800_000);
    assertThat(withoutEffect).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"true, true", "false, false"})
  @DisplayName("messages that are due stay behind others if that is asked for")
  void expireAtHeadOnly(String given, boolean expected) throws Exception {
    assertThat(read("warren.expire_at_head_only = " + given).expireAtHeadOnly())
        .isEqualTo(expected);
    assertThat(read().expireAtHeadOnly()).isFalse();
    assertThat(withoutEffect).isEmpty();
  }

  @Test
  @DisplayName("0 channels are as many as there can be, and the newer name of the key wins")
  void channels() throws Exception {
    assertThat(read("channel_max = 0").limits().channelMax()).isEqualTo(65535);
    assertThat(read("max_channels_per_connection = 7", "channel_max = 0").limits().channelMax())
        .isEqualTo(7);
  }

  @Test
  @DisplayName("kB is 1024 bytes for frames, and 1000 for memory, as in RabbitMQ")
  void kilo() throws Exception {
    BrokerConfig.Limits limits =
        read("frame_max = 64kB", "vm_memory_high_watermark.absolute = 64kB").limits();
    assertThat(limits.frameMax()).isEqualTo(65_536);
    assertThat(limits.memoryWatermark()).isEqualTo(64_000);
  }

  @Test
  @DisplayName("heartbeat 0 offers none")
  void noHeartbeat() throws Exception {
    assertThat(read("heartbeat = 0").limits().heartbeat()).isZero();
  }

  @Test
  @DisplayName("the default user, its password, its virtual host")
  void account() throws Exception {
    BrokerConfig.Account account =
        read("default_user = alice", "default_pass = s3cret", "default_vhost = /orders").account();
    assertThat(account.user()).isEqualTo("alice");
    assertThat(account.password()).isEqualTo("s3cret");
    assertThat(account.vhost()).isEqualTo("/orders");
    assertThat(withoutEffect).isEmpty();
  }

  @Test
  @DisplayName("loopback_users: none, or the user by name")
  void loopbackUsers() throws Exception {
    assertThat(read("loopback_users = none").account().loopbackOnly()).isFalse();
    assertThat(read("loopback_users.guest = false").account().loopbackOnly()).isFalse();
    assertThat(read("loopback_users.guest = true").account().loopbackOnly()).isTrue();
    assertThat(withoutEffect).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"0.4, 0.4", "1, 1.0", "1.0, 1.0", "0.05, 0.05"})
  @DisplayName("a relative watermark is a share of the largest heap")
  void relativeWatermark(String given, double share) throws Exception {
    assertThat(read("vm_memory_high_watermark.relative = " + given).limits().memoryWatermark())
        .isCloseTo((long) (HEAP * share), within(1L));
  }

  @ParameterizedTest
  @CsvSource({
    "1048576, 1048576",
    "2kB, 2000",
    "2KB, 2000",
    "2KiB, 2048",
    "2k, 2000",
    "3MB, 3000000",
    "3MiB, 3145728",
    "4GB, 4000000000",
    "4GiB, 4294967296",
    "1TB, 1000000000000",
    "1TiB, 1099511627776",
    "512 MiB, 536870912"
  })
  @DisplayName("an absolute watermark has a unit, or is in bytes")
  void absoluteWatermark(String given, long bytes) throws Exception {
    assertThat(read("vm_memory_high_watermark.absolute = " + given).limits().memoryWatermark())
        .isEqualTo(bytes);
  }

  @Test
  @DisplayName("the cluster's name, and keys of our own")
  void ownKeys() throws Exception {
    BrokerConfig config =
        read(
            "cluster_name = warren@example",
            "warren.data_dir = /var/lib/warren",
            "warren.event_loops = 3");
    assertThat(config.clusterName()).isEqualTo("warren@example");
    assertThat(config.dataDir()).isEqualTo(Path.of("/var/lib/warren"));
    assertThat(config.eventLoops()).isEqualTo(3);
    assertThat(withoutEffect).isEmpty();
  }

  @Test
  @DisplayName("how the data folder is used")
  void storage() throws Exception {
    BrokerConfig.Storage storage =
        read(
                "warren.durability = buffered",
                "warren.wal_damage = cut",
                "warren.store_memory = 16MiB",
                "warren.message_memory = 1MiB",
                "disk_free_limit.absolute = 2GB")
            .storage();
    assertThat(storage)
        .isEqualTo(
            new BrokerConfig.Storage(
                StoreOptions.Durability.BUFFERED,
                StoreOptions.WalDamage.CUT,
                new BrokerConfig.DiskFreeLimit.Absolute(2_000_000_000),
                16 << 20,
                1 << 20,
                BrokerConfig.defaults().storage().pendingMemory()));
    assertThat(withoutEffect).isEmpty();
  }

  @Test
  @DisplayName("unless the file says otherwise confirms wait for the disk, and damage is refused")
  void storageByDefault() throws Exception {
    BrokerConfig.Storage storage = read("warren.durability = sync").storage();
    assertThat(storage).isEqualTo(BrokerConfig.defaults().storage());
    assertThat(storage.durability()).isEqualTo(StoreOptions.Durability.SYNC);
    assertThat(storage.walDamage()).isEqualTo(StoreOptions.WalDamage.REFUSE);
    assertThat(storage.diskFreeLimit())
        .isEqualTo(new BrokerConfig.DiskFreeLimit.Absolute(50_000_000));
    assertThat(storage.messageMemory()).isCloseTo(HEAP / 5, within(1L));
  }

  @Test
  @DisplayName("the limit of free disk as a share of the machine's memory wins")
  void relativeDiskFreeLimit() throws Exception {
    assertThat(
            read("disk_free_limit.relative = 1.5", "disk_free_limit.absolute = 1GB")
                .storage()
                .diskFreeLimit())
        .isEqualTo(new BrokerConfig.DiskFreeLimit.Relative(1.5));
    assertThat(withoutEffect).isEmpty();
  }

  @Test
  @DisplayName("comments, empty lines and blanks do not matter; of two equal keys the last holds")
  void layout() throws Exception {
    BrokerConfig config =
        read(
            "# a comment",
            "",
            "   # another = 1",
            "  heartbeat=17  ",
            "frame_max    =    8192",
            "\tchannel_max = 1",
            "channel_max = 2");
    assertThat(config.limits().heartbeat()).isEqualTo(Duration.ofSeconds(17));
    assertThat(config.limits().frameMax()).isEqualTo(8192);
    assertThat(config.limits().channelMax()).isEqualTo(2);
    assertThat(withoutEffect).isEmpty();
  }

  @Test
  @DisplayName("keys of RabbitMQ that have no effect are named with the reason; the rest holds")
  void withoutEffect() throws Exception {
    BrokerConfig config =
        read(
            "heartbeat = 20",
            "mqtt.listeners.tcp.default = 1883",
            "trust_store.refresh_interval = 30",
            "trust_store.directory = /tmp");
    assertThat(config.limits().heartbeat()).isEqualTo(Duration.ofSeconds(20));
    assertThat(withoutEffect)
        .containsExactlyInAnyOrder(
            "without effect, MQTT is not spoken yet: mqtt.listeners.tcp.default (" + place(2) + ")",
            "without effect, there is no trust store: cacertfile has the authorities:"
                + " trust_store.directory (%s), trust_store.refresh_interval (%s)"
                    .formatted(place(4), place(3)));
  }

  private String place(int line) {
    return folder.resolve("rabbitmq.conf") + ":" + line;
  }

  @Test
  @DisplayName("a key that nobody knows is an error that names the nearest")
  void unknownKeys() {
    assertThatThrownBy(() -> read("heartbeat = 20", "heart_beat = 30"))
        .isInstanceOf(StartupException.class)
        .hasMessage(place(2) + ": heart_beat = 30: there is no such key; the nearest is heartbeat");
    assertThatThrownBy(() -> read("default_users.alice.pasword = 30"))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("default_users.alice.pasword = …")
        .hasMessageContaining("default_users.$name.password");
  }

  @Test
  @DisplayName("a key that has no effect is checked all the same")
  void wrongWithoutEffect() {
    assertThatThrownBy(() -> read("stomp.implicit_connect = maybe"))
        .isInstanceOf(StartupException.class)
        .hasMessage(place(1) + ": stomp.implicit_connect = maybe: expected true, false");
  }

  @Test
  @DisplayName("no listener at all is refused")
  void noListener() throws Exception {
    assertThatThrownBy(() -> read("listeners.tcp = none"))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining(place(1) + ": listeners.tcp = none");
    assertThat(read("listeners.tcp = none", "listeners.tcp.1 = 5673").listeners().amqp())
        .hasSize(1);
  }

  @Test
  @DisplayName("a listener for TLS beside the others, or instead of them")
  void tls() throws Exception {
    String[] lines = {
      "listeners.ssl.default = 5671",
      "ssl_options.certfile = server.pem",
      "ssl_options.keyfile = server.key",
      "ssl_options.password = secret",
      "ssl_options.cacertfile = ca.pem",
      "ssl_options.verify = verify_peer",
      "ssl_options.fail_if_no_peer_cert = true",
      "ssl_options.depth = 2",
      "ssl_options.versions.1 = tlsv1.1",
      "ssl_options.versions.2 = tlsv1.2",
      "ssl_options.ciphers.10 = ECDHE-RSA-AES128-GCM-SHA256",
      "ssl_options.ciphers.2 = TLS_AES_256_GCM_SHA384",
      "ssl_options.honor_cipher_order = false",
      "ssl_options.crl_check = peer",
      "warren.ssl.crl_folder = lists",
      "ssl_handshake_timeout = 2000"
    };
    BrokerConfig config = read(lines);
    assertThat(withoutEffect).isEmpty();
    assertThat(config.listeners())
        .isEqualTo(
            new BrokerConfig.Listeners(
                List.of(new BrokerConfig.Listener("0.0.0.0", 5672)),
                List.of(new BrokerConfig.Listener("0.0.0.0", 5671)),
                15672));
    assertThat(config.security().tls())
        .isEqualTo(
            new TlsConfig(
                "ssl_options",
                new TlsConfig.Identity(Path.of("server.pem"), Path.of("server.key"), "secret"),
                List.of(),
                Path.of("ca.pem"),
                new TlsConfig.Peers(true, true, 2, TlsConfig.Revocation.PEER, Path.of("lists")),
                List.of("TLSv1.2"),
                List.of("TLS_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
                false,
                Duration.ofSeconds(2)));
    assertThat(config.security().toString()).doesNotContain("secret");
    lines[8] = "listeners.tcp = none";
    assertThat(read(lines).listeners().amqp()).isEmpty();
  }

  @Test
  @DisplayName("back ends are asked by their numbers, one for logins and another for the rest")
  void backends() throws Exception {
    String base = "http://auth.example:8000/auth";
    BackendConfig backends =
        read(
                "auth_backends.10 = rabbit_auth_backend_internal",
                "auth_backends.2 = cache",
                "auth_backends.3.authn = internal",
                "auth_backends.3.authz = rabbit_auth_backend_oauth2",
                "auth_cache.cached_backend = http",
                "auth_cache.cache_ttl = 1000",
                "auth_http.user_path = " + base + "/user",
                "auth_http.vhost_path = " + base + "/vhost",
                "auth_http.resource_path = " + base + "/resource",
                "auth_http.topic_path = " + base + "/topic",
                "auth_oauth2.resource_server_id = mq",
                "auth_oauth2.scope_aliases.boss = mq.read:*/* mq.write:*/*",
                "auth_oauth2.signing_keys.first = first.pem")
            .security()
            .backends();
    assertThat(withoutEffect).isEmpty();
    assertThat(backends.links())
        .containsExactly(
            new BackendConfig.Link(BackendConfig.Kind.CACHE, List.of()),
            new BackendConfig.Link(BackendConfig.Kind.INTERNAL, List.of(BackendConfig.Kind.OAUTH2)),
            new BackendConfig.Link(BackendConfig.Kind.INTERNAL, List.of()));
    assertThat(backends.cache())
        .isEqualTo(
            new BackendConfig.Cache(
                BackendConfig.Kind.HTTP, List.of(), Duration.ofSeconds(1), false));
    assertThat(backends.http()).isNotNull();
    assertThat(backends.http().requestTimeout()).isEqualTo(Duration.ofSeconds(15));
    assertThat(backends.http().post()).isFalse();
    assertThat(backends.oauth()).isNotNull();
    assertThat(backends.oauth().scopePrefix()).isEqualTo("mq.");
    assertThat(backends.oauth().scopeAliases())
        .containsEntry("boss", List.of("mq.read:*/*", "mq.write:*/*"));
  }

  @ParameterizedTest
  @CsvSource({
    "auth_backends.1, ldap, ldap is not there yet",
    "auth_backends.1, http, it takes auth_http.user_path",
    "auth_backends.1, oauth2, it takes auth_oauth2.resource_server_id",
    "auth_http.user_path, ftp://a/b, expected an http or https address",
    "auth_mechanisms.1, CRAM-MD5, 'expected PLAIN, AMQPLAIN, EXTERNAL, ANONYMOUS'",
    "ssl_cert_login_from, nickname, expected one of distinguished_name",
  })
  @DisplayName("what a back end or a mechanism lacks is named")
  void incompleteLogins(String key, String value, String says) {
    assertThatThrownBy(() -> read(key + " = " + value))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining(says);
  }

  @ParameterizedTest
  @CsvSource({
    "listeners.ssl.1, 5671, it takes ssl_options.certfile and ssl_options.keyfile",
    "ssl_options.keyfile, a.key, it takes ssl_options.certfile and ssl_options.keyfile",
    "ssl_options.verify, verify_peer, it takes ssl_options.cacertfile",
    "ssl_options.fail_if_no_peer_cert, true, it takes ssl_options.verify = verify_peer",
    "ssl_options.versions.1, tlsv1.1, neither tlsv1.2 nor tlsv1.3 is among the versions",
    "warren.ssl.names.b.certfile, b.pem, it takes a certfile and a keyfile",
  })
  @DisplayName("what TLS lacks is named")
  void incompleteTls(String key, String value, String says) {
    boolean without = key.startsWith("listeners") || key.endsWith("keyfile");
    assertThatThrownBy(
            () ->
                read(
                    key + " = " + value,
                    without ? "heartbeat = 10" : "ssl_options.certfile = a.pem",
                    without ? "heartbeat = 10" : "ssl_options.keyfile = a.key"))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining(says);
  }

  @Test
  @DisplayName("an encrypted password is no password")
  void encrypted() {
    assertThatThrownBy(() -> read("default_pass = encrypted:abc"))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("not encrypted")
        .hasMessageNotContaining("abc");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "listeners.tcp.default = many",
        "listeners.tcp.default = 65536",
        "listeners.tcp.default = -1",
        "listeners.tcp.1 = 127.0.0.1:0x10",
        "management.tcp.port = 70000",
        "heartbeat = -1",
        "heartbeat = 65536",
        "heartbeat = a minute",
        "heartbeat = 1.5",
        "handshake_timeout = soon",
        "handshake_timeout = 1",
        "frame_max = 4095",
        "frame_max = 99999999999999999999",
        "initial_frame_max = 100",
        "channel_max = -1",
        "channel_max = 65536",
        "consumer_timeout = -1",
        "consumer_timeout = never",
        "consumer_timeout = 315360000001",
        "warren.consumer_timeout_action = close",
        "max_message_size = -1",
        "max_message_size = 536870913",
        "max_message_size = big",
        "vm_memory_high_watermark.relative = 0",
        "vm_memory_high_watermark.relative = 1.1",
        "vm_memory_high_watermark.relative = -0.5",
        "vm_memory_high_watermark.relative = NaN",
        "vm_memory_high_watermark.relative = most",
        "vm_memory_high_watermark.absolute = 2 apples",
        "vm_memory_high_watermark.absolute = -5MB",
        "vm_memory_high_watermark.absolute = MB",
        "loopback_users.guest = perhaps",
        "warren.event_loops = 0",
        "warren.event_loops = 257",
        "warren.durability = maybe",
        "warren.durability = SYNC",
        "warren.wal_damage = ignore",
        "warren.store_memory = 15MiB",
        "warren.store_memory = plenty",
        "warren.message_memory = 1000kB",
        "warren.message_memory = -1",
        "warren.message_memory = 2000TiB",
        "disk_free_limit.absolute = -1",
        "disk_free_limit.absolute = some",
        "disk_free_limit.relative = 0",
        "disk_free_limit.relative = 1001",
        "disk_free_limit.relative = half"
      })
  @DisplayName("a value that cannot be is an error naming key and value")
  void wrongValues(String line) throws Exception {
    String key = line.substring(0, line.indexOf(" = "));
    String value = line.substring(line.indexOf(" = ") + 3);
    // Behind an address it is the port that is wrong.
    String wrong = value.substring(value.lastIndexOf(':') + 1);
    assertThatThrownBy(() -> read(line))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining(key)
        .hasMessageContaining(wrong)
        .hasMessageNotContainingAny("\n");
  }

  @Test
  @DisplayName("a file that is not there is an error naming it")
  void unreadable() {
    Path missing = folder.resolve("missing.conf");
    assertThatThrownBy(() -> read(missing, BrokerConfig.defaults()))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining(missing.toString());
  }

  @Test
  @DisplayName("what the file does not say comes from the base")
  void base() throws Exception {
    BrokerConfig base = BrokerConfig.defaults().withPort(1234).withEventLoops(7);
    BrokerConfig config = read(write("heartbeat = 9"), base);
    assertThat(config.listeners()).isEqualTo(base.listeners());
    assertThat(config.eventLoops()).isEqualTo(7);
    assertThat(config.limits().heartbeat()).isEqualTo(Duration.ofSeconds(9));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 65536})
  @DisplayName("a port on the command line is checked the same way")
  void portOption(int port) {
    assertThatThrownBy(() -> ConfigReader.port("--port", port))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("--port")
        .hasMessageContaining(String.valueOf(port));
  }
}
