package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.BrokerProcess.Launch;
import org.warrenmq.conformance.crash.Bodies.Profile;
import org.warrenmq.conformance.crash.Tally.Count;

/** A {@link Trial} of durable queues with limits of length and time. Used by the test thread. */
final class LimitTrial {
  /** Deliveries that a worker, or a getter, has outstanding at most. */
  private static final int HOLDS = 20;

  private static final int WINDOW = 40;

  /** Between one consumer and the next, so that a queue gets full. */
  private static final int LULL_MILLIS = 800;

  private static final int LONG_MILLIS = 30_000;

  /** Nobody takes from these but the survey after a start. */
  private static final List<Limits> KEPT =
      List.of(Limits.rejecting("reject.kept", 150, 0), Limits.dropping("drop.kept", 150, 0));

  private static final List<Limits> WORK =
      List.of(
          Limits.rejecting("reject.work", 100, HOLDS), Limits.dropping("drop.work", 100, HOLDS));

  /** Over long before the next start, at about that time, and some starts later. */
  private static final List<Limits> EXPIRING =
      List.of(
          Limits.expiring("ttl.brief", 300, HOLDS),
          Limits.expiring("ttl.reject", 4_000, HOLDS).rejectingBeyond(60),
          Limits.expiring("ttl.long", LONG_MILLIS, HOLDS));

  private final Trial trial;
  private final List<LimitedAccount> accounts = new ArrayList<>();
  final Tally tally;
  final SplittableRandom random;

  LimitTrial(Path folder) {
    this.trial = new Trial(folder, Profile.MIXED, Long.MAX_VALUE);
    this.tally = trial.ledger.tally;
    this.random = trial.random;
    for (List<Limits> some : List.of(KEPT, WORK, EXPIRING)) {
      some.forEach(limits -> accounts.add(trial.ledger.account(limits)));
    }
  }

  /** With memory for all, or for so little that what has to leave mostly lies on disk. */
  private Launch launch() throws Exception {
    return random.nextBoolean() ? trial.launch() : trial.launch("warren.message_memory = 1MiB");
  }

  /** Starts a broker and compares what it has with the books. */
  BrokerProcess start() throws Exception {
    BrokerProcess broker = BrokerProcess.start(launch());
    try (LimitSurvey survey = survey(broker)) {
      survey.settleSome(random);
      trial.assertNothingWrong();
      return broker;
    } catch (Throwable e) {
      describe(broker, e);
      broker.kill();
      throw e;
    }
  }

  /** A failure says what the broker was at, which is known only as long as it lives. */
  private static void describe(BrokerProcess broker, Throwable failure) {
    try {
      String threads = broker.isAlive() ? broker.threads() : "it is gone";
      System.out.printf("the broker: %s%n%s%n", threads, String.join("\n", broker.log()));
    } catch (Exception e) {
      failure.addSuppressed(e);
    }
  }

  private LimitSurvey survey(BrokerProcess broker) throws Exception {
    LimitSurvey survey = LimitSurvey.of(broker.uri(), accounts, trial.ledger, trial.bodies);
    try {
      survey.compareAndAdopt(trial.cutoff());
      trial.assertNothingWrong();
      return survey;
    } catch (Throwable e) {
      survey.close();
      throw e;
    }
  }

  void loadAndKill(int millis) throws Exception {
    BrokerProcess broker = start();
    try (Load load = Load.of(trial.stage(broker), actors())) {
      load.work(Duration.ofMillis(millis));
      trial.kill(broker, load);
    } finally {
      broker.kill();
    }
    ended();
    if (random.nextInt(3) == 0) {
      assertSound();
    }
  }

  private List<Actor> actors() {
    var actors = new ArrayList<Actor>();
    for (LimitedAccount account : accounts) {
      Landscape.Route route = Landscape.toQueue(account.limits().queue());
      actors.add(new Publisher(List.of(route), WINDOW, random.nextLong()));
    }
    for (Limits limits : WORK) {
      actors.add(new Worker(limits.queue(), true, HOLDS / 2, LULL_MILLIS, random.nextLong()));
    }
    for (Limits limits : EXPIRING) {
      actors.add(new LimitedGetter(limits, random.nextLong()));
    }
    return actors;
  }

  /** Starts it, has all messages delivered, and kills it with none of them settled. */
  void startAndKillUnsettled() throws Exception {
    BrokerProcess broker = BrokerProcess.start(launch());
    try (LimitSurvey _ = survey(broker)) {
      trial.expectEnd();
    } finally {
      broker.kill();
    }
    ended();
  }

  void killAtStart() throws Exception {
    trial.killAtStart();
  }

  /** Stops it in order, after a last look at what it has. */
  void finish() throws Exception {
    trial.stop(start());
    assertSound();
  }

  private void ended() {
    long now = System.currentTimeMillis();
    accounts.forEach(account -> account.ended(now));
  }

  private void assertSound() {
    Verdict verdict = Verdict.of(trial.folder);
    assertThat(verdict.isSound()).as("sound: %s", verdict.text()).isTrue();
  }

  /** A run that did little has proved little. */
  void assertWork(int rounds) {
    System.out.println(tally);
    trial.assertDone(Count.CONFIRMED, 100L * rounds);
    trial.assertDone(Count.REFUSED, 20L * rounds);
    trial.assertDone(Count.DROPPED, 20L * rounds);
    trial.assertDone(Count.EXPIRED, 10L * rounds);
    trial.assertDone(Count.SURVIVED, 50L * rounds);
    trial.assertDone(Count.STAYED_GONE, 10L * rounds);
    trial.assertDone(Count.REQUEUED, rounds);
    for (LimitedAccount account : accounts) {
      // Whether any of the others outlive a start is up to the machine.
      if (!account.limits().expires() || account.limits().ttl() == LONG_MILLIS) {
        assertThat(account.survived()).as(account.limits().queue()).isPositive();
      }
    }
  }
}
