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
  /** Numbers that collide a lot. */
  private static final class Numbers extends SlotTable<Integer> {
    @Override
    int hash(Integer number) {
      return number & 7;
    }
  }

  @Test
  void agreesWithASet() {
    SeededRuns.run(
        SlotTableTest.class,
        1000,
        (random, trace) -> {
          Numbers numbers = new Numbers();
          Set<Integer> expected = new HashSet<>();
          // Few different numbers empty the table again and again, many fill it.
          int most = random.nextBoolean() ? 60 : SeededRuns.between(random, 0, 60);
          for (int i = SeededRuns.between(random, 0, 200); i > 0; i--) {
            int number = random.nextInt(most + 1);
            trace.add(number);
            toggle(numbers, expected, number);
          }
        });
  }

  private static void toggle(Numbers numbers, Set<Integer> expected, Integer number) {
    if (expected.remove(number)) {
      assertThat(numbers.delete(number)).isTrue();
    } else {
      expected.add(number);
      numbers.insert(number);
    }
    assertThat(numbers).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(numbers.size()).isEqualTo(expected.size());
    assertThat(numbers.indexOf(number, number & 7) >= 0).isEqualTo(expected.contains(number));
  }

  @Test
  void manyGoInOnePass() {
    SeededRuns.run(
        SlotTableTest.class,
        1000,
        (random, trace) -> {
          Set<Integer> present = numbers(random, 100);
          Set<Integer> gone = numbers(random, 20);
          int limit = SeededRuns.between(random, 0, 200);
          trace.add("of " + present);
          trace.add("first " + gone);
          trace.add("then all below " + limit);
          assertTheyGo(present, gone, limit);
        });
  }

  private static Set<Integer> numbers(SplittableRandom random, int most) {
    Set<Integer> numbers = new LinkedHashSet<>();
    int size = SeededRuns.between(random, 0, most);
    while (numbers.size() < size) {
      numbers.add(random.nextInt(201));
    }
    return numbers;
  }

  private static void assertTheyGo(Set<Integer> present, Set<Integer> gone, int limit) {
    Numbers numbers = new Numbers();
    present.forEach(numbers::insert);
    gone.stream().filter(present::contains).forEach(numbers::delete);
    Set<Integer> left = new HashSet<>(present);
    left.removeAll(gone);

    assertThat(numbers.deleteIf(number -> number < limit))
        .isEqualTo(left.removeIf(number -> number < limit));
    assertThat(numbers).containsExactlyInAnyOrderElementsOf(left);
    assertThat(numbers.size()).isEqualTo(left.size());
    numbers.insert(201);
    assertThat(numbers.indexOf(201, 201 & 7)).isNotNegative();
    assertThat(numbers.delete(201)).isTrue();
  }

  @Test
  void churnDoesNotGrowIt() {
    Numbers numbers = new Numbers();
    for (int i = 0; i < 10; i++) {
      numbers.insert(i);
    }
    int before = 32;
    for (int i = 10; i < 100_000; i++) {
      numbers.insert(i);
      numbers.delete(i - 10);
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
    Numbers numbers = new Numbers();
    assertThat(numbers.delete(1)).isFalse();
    numbers.insert(1);
    assertThat(numbers.delete(9)).as("same hash, other number").isFalse();
    assertThat(numbers).containsExactly(1);
  }

  @Test
  void isReadOnlyAsACollection() {
    Numbers numbers = new Numbers();
    numbers.insert(1);

    assertThatThrownBy(() -> numbers.add(2)).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(numbers::clear).isInstanceOf(UnsupportedOperationException.class);
    var iterator = numbers.iterator();
    iterator.next();
    assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
  }
}
