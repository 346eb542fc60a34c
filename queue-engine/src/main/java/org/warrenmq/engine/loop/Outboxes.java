package org.warrenmq.engine.loop;

import java.util.ArrayList;
import java.util.List;

/**
 * What a room has for other rooms: gathered over a turn, posted as one parcel each. Belongs to one
 * thread. There are as many outboxes as rooms ever written to: the loops and the topology.
 */
public final class Outboxes {
  private final List<Outbox> outboxes = new ArrayList<>();

  private static final class Outbox {
    final Room target;
    ArrayList<Mail> mail = new ArrayList<>();

    Outbox(Room target) {
      this.target = target;
    }
  }

  /** One turn's mail for one room: crosses threads once. */
  record Parcel(List<Mail> mail) implements Mail {
    @Override
    public void open() {
      for (int i = 0; i < mail.size(); i++) {
        mail.get(i).open();
      }
    }
  }

  /** Keeps mail until {@link #post()}. */
  public void add(Room target, Mail mail) {
    for (int i = 0; i < outboxes.size(); i++) {
      Outbox outbox = outboxes.get(i);
      if (outbox.target == target) {
        outbox.mail.add(mail);
        return;
      }
    }
    Outbox outbox = new Outbox(target);
    outbox.mail.add(mail);
    outboxes.add(outbox);
  }

  /** Adds what is kept to a list. */
  void addTo(List<Mail> all) {
    outboxes.forEach(outbox -> all.addAll(outbox.mail));
  }

  /** Posts all of it. */
  public void post() {
    for (int i = 0; i < outboxes.size(); i++) {
      Outbox outbox = outboxes.get(i);
      if (!outbox.mail.isEmpty()) {
        Parcel parcel = new Parcel(outbox.mail);
        outbox.mail = new ArrayList<>(Math.min(parcel.mail.size(), 1024));
        outbox.target.post(parcel);
      }
    }
  }

  public boolean isEmpty() {
    for (int i = 0; i < outboxes.size(); i++) {
      if (!outboxes.get(i).mail.isEmpty()) {
        return false;
      }
    }
    return true;
  }
}
