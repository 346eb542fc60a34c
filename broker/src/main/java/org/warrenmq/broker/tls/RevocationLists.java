package org.warrenmq.broker.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CRL;
import java.security.cert.CRLException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXRevocationChecker;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.warrenmq.broker.config.TlsConfig.Revocation;

/**
 * Revocation lists, from the files of a folder; nothing is asked for elsewhere. Stateless, any
 * thread.
 */
final class RevocationLists {
  private RevocationLists() {}

  /** The files of a folder that may be one, in the order of their names. */
  static List<Path> files(Path folder) throws BadTlsFile {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new BadTlsFile("it is no folder that can be read", e);
    }
  }

  private static List<CRL> read(Path file) throws BadTlsFile {
    List<CRL> lists = new ArrayList<>();
    byte[] octets = Pem.octets(file);
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      if (new String(octets, StandardCharsets.ISO_8859_1).contains("-----BEGIN ")) {
        for (Pem block : Pem.read(file)) {
          if (block.label().equals("X509 CRL")) {
            lists.add(factory.generateCRL(new ByteArrayInputStream(block.der())));
          }
        }
      } else {
        lists.add(factory.generateCRL(new ByteArrayInputStream(octets)));
      }
    } catch (CRLException e) {
      throw new BadTlsFile(file.getFileName() + " in it is no revocation list", e);
    } catch (CertificateException e) {
      throw new IllegalStateException("every Java has X.509", e);
    }
    return lists;
  }

  /** Makes the building of a client's chain look into the lists of some files. */
  static void check(PKIXBuilderParameters chain, List<Path> files, Revocation how)
      throws BadTlsFile, GeneralSecurityException {
    List<CRL> lists = new ArrayList<>();
    for (Path file : files) {
      lists.addAll(read(file));
    }
    chain.addCertStore(
        CertStore.getInstance("Collection", new CollectionCertStoreParameters(lists)));
    PKIXRevocationChecker checker =
        (PKIXRevocationChecker) CertPathBuilder.getInstance("PKIX").getRevocationChecker();
    Set<PKIXRevocationChecker.Option> options =
        EnumSet.of(
            PKIXRevocationChecker.Option.PREFER_CRLS, PKIXRevocationChecker.Option.NO_FALLBACK);
    if (how == Revocation.PEER) {
      options.add(PKIXRevocationChecker.Option.ONLY_END_ENTITY);
    }
    if (how == Revocation.BEST_EFFORT) {
      options.add(PKIXRevocationChecker.Option.SOFT_FAIL);
    }
    checker.setOptions(options);
    chain.addCertPathChecker(checker);
  }
}
