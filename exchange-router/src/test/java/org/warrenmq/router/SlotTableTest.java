package org.warrenmq.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.warrenmq.codec.FieldTable;

class SlotTableTest {
  /** One that collides a lot. */
  private record Number(int value) {
    @Override
    public int hashCode() {
      return value & 7;
    }
  }

  @Test
  void agreesWithASet() {
    SeededRuns.run(
        SlotTableTest.class,
        1000,
        (random, trace) -> {
          SlotTable<Number> numbers = new SlotTable<>();
          Set<Number> expected = new HashSet<>();
          // Few different numbers empty the table again and again, many fill it.
          int most = random.nextBoolean() ? 60 : SeededRuns.between(random, 0, 60);
          for (int i = SeededRuns.between(random, 0, 200); i > 0; i--) {
            Number number = new Number(random.nextInt(most + 1));
            trace.add(number);
            toggle(numbers, expected, number);
          }
        });
  }

  private static void toggle(SlotTable<Number> numbers, Set<Number> expected, Number number) {
    if (expected.remove(number)) {
      assertThat(numbers.delete(number)).isTrue();
    } else {
      expected.add(number);
      assertThat(numbers.insertIfAbsent(number)).isTrue();
      assertThat(numbers.insertIfAbsent(new Number(number.value))).as("an equal one").isFalse();
    }
    assertThat(numbers).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(numbers.size()).isEqualTo(expected.size());
    assertThat(numbers.contains(number)).isEqualTo(expected.contains(number));
  }

  @Test
  void manyGoInOnePass() {
    SeededRuns.run(
        SlotTableTest.class,
        1000,
        (random, trace) -> {
          Set<Number> present = numbers(random, 100);
          Set<Number> gone = numbers(random, 20);
          int limit = SeededRuns.between(random, 0, 200);
          trace.add("of " + present);
          trace.add("first " + gone);
          trace.add("then all below " + limit);
          assertTheyGo(present, gone, limit);
        });
  }

  private static Set<Number> numbers(SplittableRandom random, int most) {
    Set<Number> numbers = new LinkedHashSet<>();
    int size = SeededRuns.between(random, 0, most);
    while (numbers.size() < size) {
      numbers.add(new Number(random.nextInt(201)));
    }
    return numbers;
  }

  private static void assertTheyGo(Set<Number> present, Set<Number> gone, int limit) {
    SlotTable<Number> numbers = new SlotTable<>();
    present.forEach(numbers::insert);
    gone.stream().filter(present::contains).forEach(numbers::delete);
    Set<Number> left = new HashSet<>(present);
    left.removeAll(gone);

    assertThat(numbers.deleteIf(number -> number.value < limit))
        .isEqualTo(left.removeIf(number -> number.value < limit));
    assertThat(numbers).containsExactlyInAnyOrderElementsOf(left);
    assertThat(numbers.size()).isEqualTo(left.size());
    numbers.insert(new Number(201));
    assertThat(numbers.contains(new Number(201))).isTrue();
    assertThat(numbers.delete(new Number(201))).isTrue();
  }

  @Test
  void churnDoesNotGrowIt() {
    SlotTable<Number> numbers = new SlotTable<>();
    for (int i = 0; i < 10; i++) {
      numbers.insert(new Number(i));
    }
    int before = 32;
    for (int i = 10; i < 100_000; i++) {
      numbers.insert(new Number(i));
      numbers.delete(new Number(i - 10));
    }

    assertThat(numbers).hasSize(10);
    assertThat(numbers.slots().length()).isLessThanOrEqualTo(before);
  }

  @Test
  void shrinksAsItEmpties() {
    BindingSet bindings = new BindingSet();
    Exchange source = new TestVhost().exchange("d", "direct");
    TestQueue queue = new TestQueue("q");
    for (int i = 0; i < 10_000; i++) {
      bindings.insert(new Binding(source, queue, "" + i, FieldTable.EMPTY));
    }
    for (Binding binding : List.copyOf(bindings)) {
      if (bindings.size() > 100) {
        assertThat(bindings.delete(binding)).isTrue();
      }
    }

    assertThat(bindings.slots().length()).isLessThanOrEqualTo(8 * 100);
    List.copyOf(bindings).forEach(bindings::delete);
    assertThat(bindings.slots().length()).isZero();
  }

  @Test
  void deletingWhatIsNotThereIsFalse() {
    SlotTable<Number> numbers = new SlotTable<>();
    assertThat(numbers.delete(new Number(1))).isFalse();
    numbers.insert(new Number(1));
    assertThat(numbers.delete(new Number(9))).as("same hash, other number").isFalse();
    assertThat(numbers).containsExactly(new Number(1));
  }

  @Test
  void isReadOnlyAsACollection() {
    SlotTable<Number> numbers = new SlotTable<>();
    numbers.insert(new Number(1));

    assertThatThrownBy(() -> numbers.add(new Number(2)))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(numbers::clear).isInstanceOf(UnsupportedOperationException.class);
    var iterator = numbers.iterator();
    iterator.next();
    assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
  }
}
