package org.warrenmq.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
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

  @Property(tries = 1000)
  void agreesWithASet(@ForAll @Size(max = 200) List<@IntRange(min = 0, max = 60) Integer> toggled) {
    Numbers numbers = new Numbers();
    Set<Integer> expected = new HashSet<>();
    for (Integer number : toggled) {
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
  }

  @Property
  void manyGoInOnePass(
      @ForAll @Size(max = 100) Set<@IntRange(min = 0, max = 200) Integer> present,
      @ForAll @Size(max = 20) Set<@IntRange(min = 0, max = 200) Integer> gone,
      @ForAll @IntRange(min = 0, max = 200) int limit) {
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
