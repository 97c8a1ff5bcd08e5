//! Certificates for servers and users, made in memory: no openssl needed.

use base64::prelude::{BASE64_STANDARD, Engine};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// A certificate authority.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) pem: String,
    pub(crate) der: CertificateDer<'static>,
}

/// A certificate with its key.
pub(crate) struct Identity {
    pub(crate) certificate: String,
    pub(crate) key: String,
    pub(crate) der: CertificateDer<'static>,
    key_der: Vec<u8>,
}

impl Identity {
    /// The entry of a kubeconfig's user.
    pub(crate) fn as_kubeconfig_user(&self) -> serde_json::Value {
        serde_json::json!({
            "client-certificate-data": BASE64_STANDARD.encode(&self.certificate),
            "client-key-data": BASE64_STANDARD.encode(&self.key),
        })
    }

    pub(crate) fn key_der(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key_der.clone()).into()
    }
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = dated(CertificateParams::default());
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        params.key_usages = vec![
            KeyUsagePurpose::KeyCertSign,
            KeyUsagePurpose::DigitalSignature,
        ];
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let (pem, der) = (certificate.pem(), certificate.der().clone());
        Self {
            issuer: Issuer::new(params, key),
            pem,
            der,
        }
    }

    /// Issues a server's certificate for names and addresses.
    pub(crate) fn server(&self, names: &[&str]) -> Identity {
        let names: Vec<_> = names.iter().map(ToString::to_string).collect();
        let mut params = dated(CertificateParams::new(names).unwrap());
        params.distinguished_name.push(DnType::CommonName, "server");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.sign(&params)
    }

    /// Issues a user's certificate. Kubernetes takes one organization from it, so one group is what a user can have.
    pub(crate) fn user(&self, name: &str, group: &str) -> Identity {
        let mut params = dated(CertificateParams::default());
        params.distinguished_name.push(DnType::CommonName, name);
        params
            .distinguished_name
            .push(DnType::OrganizationName, group);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(&params)
    }

    /// Signs any certificate a test may want: expired, for another host, not yet valid.
    pub(crate) fn sign(&self, params: &CertificateParams) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
            der: certificate.der().clone(),
            key_der: key.serialize_der(),
        }
    }
}

/// Makes a pair for signing service account tokens: the private and the public key.
pub(crate) fn signing_key() -> (String, String) {
    let key = KeyPair::generate().unwrap();
    (key.serialize_pem(), key.public_key_pem())
}

fn dated(mut params: CertificateParams) -> CertificateParams {
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2120, 1, 1);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
}
