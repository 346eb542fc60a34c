package org.warrenmq.engine.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.warrenmq.engine.home.MessageMemory;
import org.warrenmq.engine.loop.LoopAccount.Kind;
import org.warrenmq.engine.loop.NodeMemory.Level;

class NodeMemoryTest {
  private static final long BUDGET = 100 << 20;
  private static final long PERCENT = BUDGET / 100;

  private final NodeMemory node = new NodeMemory(BUDGET);
  private final List<Level> told = new ArrayList<>();

  @Test
  void eachLevelBeginsWhereItShouldAndIsLeftALittleLower() {
    node.listen(told::add);
    node.add(49 * PERCENT);
    assertThat(node.level()).isEqualTo(Level.ROOM);
    node.add(PERCENT);
    assertThat(node.level()).isEqualTo(Level.PAGING);
    node.add(35 * PERCENT);
    assertThat(node.level()).isEqualTo(Level.ALARM);
    node.add(-5 * PERCENT);
    assertThat(node.level()).isEqualTo(Level.ALARM);
    node.add(-PERCENT);
    assertThat(node.level()).isEqualTo(Level.SLOWING);
    node.add(30 * PERCENT);
    assertThat(node.level()).isEqualTo(Level.REFUSING);
    node.add(-node.used());
    assertThat(told)
        .containsExactly(Level.PAGING, Level.ALARM, Level.SLOWING, Level.REFUSING, Level.ROOM);
  }

  @Test
  void anotherBudgetCountsAtOnce() {
    node.add(60 * PERCENT);
    node.budget(2 * BUDGET);
    assertThat(node.level()).isEqualTo(Level.ROOM);
    node.budget(BUDGET / 2);
    assertThat(node.level()).isEqualTo(Level.REFUSING);
  }

  @Test
  void withoutEndThereIsAlwaysRoom() {
    NodeMemory unlimited = NodeMemory.unlimited();
    unlimited.add(1L << 50);
    assertThat(unlimited.level()).isEqualTo(Level.ROOM);
    assertThat(unlimited.share()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aShareIsAPartOfTheBudgetForEachWhoHoldsMuch() {
    node.holders(5);
    assertThat(node.share()).isEqualTo(Long.MAX_VALUE);
    node.add(70 * PERCENT);
    assertThat(node.share()).isEqualTo(BUDGET / 4 / 5);
    node.holders(100_000);
    assertThat(node.share()).isEqualTo(64 << 10);
  }

  @Test
  void aLoopReportsNowAndThen() {
    LoopAccount loop = new LoopAccount(node);
    loop.charge(Kind.PARKED, LoopAccount.SLACK - 1);
    assertThat(node.used()).isZero();
    loop.charge(Kind.QUEUED, 1);
    assertThat(node.used()).isEqualTo(LoopAccount.SLACK);
    loop.charge(Kind.PARKED, 1 - LoopAccount.SLACK);
    assertThat(node.used()).isEqualTo(LoopAccount.SLACK);
    loop.charge(Kind.QUEUED, -1);
    assertThat(node.used()).isZero();
    assertThat(loop.held(Kind.PARKED)).isZero();
  }

  @Test
  void fewReadsAreUnderWayAndFewerAsMemoryGetsShort() {
    LoopAccount loop = new LoopAccount(node);
    MessageMemory memory = new MessageMemory(Long.MAX_VALUE, loop);
    List<Integer> begun = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      int read = i;
      memory.reads().take(() -> begun.add(read));
    }
    assertThat(begun).hasSize(16);
    node.add(70 * PERCENT);
    for (int i = 0; i < 15; i++) {
      memory.reads().done();
    }
    assertThat(begun).as("one is left under way").hasSize(16);
    memory.reads().done();
    assertThat(begun).hasSize(17);
    loop.charge(Kind.QUEUED, 25 * PERCENT);
    memory.reads().done();
    assertThat(begun).as("where queues hold what there is, one still").hasSize(18);
    loop.charge(Kind.QUEUED, -10 * PERCENT);
    loop.charge(Kind.GOING_OUT, 10 * PERCENT);
    assertThat(node.level()).isEqualTo(Level.REFUSING);
    memory.reads().done();
    assertThat(begun).as("none when it would pile up at connections").hasSize(18);
    loop.charge(Kind.QUEUED, -15 * PERCENT);
    loop.charge(Kind.GOING_OUT, -10 * PERCENT);
    node.add(-35 * PERCENT);
    memory.reads().proceed();
    assertThat(begun).hasSize(30).isSorted();
  }
}
