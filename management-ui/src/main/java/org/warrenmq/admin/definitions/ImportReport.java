package org.warrenmq.admin.definitions;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.warrenmq.admin.node.Definition;

/** What there is to say of an import; written by one thread, then read. */
public final class ImportReport {
  /** Remarks that are kept of each sort; the rest is counted. */
  private static final int MOST = 1000;

  private final List<Remark> refused = new ArrayList<>();
  private final List<Remark> withoutEffect = new ArrayList<>();
  private long refusedCount;
  private long withoutEffectCount;
  private long changed;
  private long unchanged;

  /** Something said of an object. */
  public record Remark(String object, String what) {
    @Override
    public String toString() {
      return object + ": " + what;
    }

    private JsonObject json() {
      return new JsonObject().put("object", object).put("reason", what);
    }
  }

  void refuse(Definition definition, String why) {
    refusedCount++;
    note(refused, new Remark(definition.label(), why));
  }

  void withoutEffect(Definition definition, String what) {
    withoutEffectCount++;
    note(withoutEffect, new Remark(definition.label(), what + " without effect so far"));
  }

  private static void note(List<Remark> remarks, Remark remark) {
    if (remarks.size() < MOST) {
      remarks.add(remark);
    }
  }

  void changed() {
    changed++;
  }

  void unchanged() {
    unchanged++;
  }

  /** What was made, or made another one of. */
  public long changes() {
    return changed;
  }

  /** The first of those that cannot be. */
  public List<Remark> refused() {
    return List.copyOf(refused);
  }

  public long refusedCount() {
    return refusedCount;
  }

  /** The first of those that are kept and do nothing. */
  public List<Remark> withoutEffect() {
    return List.copyOf(withoutEffect);
  }

  /** Whether there is anything to say. */
  public boolean isSilent() {
    return refusedCount == 0 && withoutEffectCount == 0;
  }

  /** As the HTTP API shows it. */
  public JsonObject json() {
    return new JsonObject()
        .put("changed", changed)
        .put("unchanged", unchanged)
        .put("refused_count", refusedCount)
        .put("refused", array(refused))
        .put("without_effect_count", withoutEffectCount)
        .put("without_effect", array(withoutEffect));
  }

  private static JsonArray array(List<Remark> remarks) {
    JsonArray array = new JsonArray();
    remarks.forEach(remark -> array.add(remark.json()));
    return array;
  }
}
