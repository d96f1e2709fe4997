//! Numbers of South America.
//!
//! Sources: Receita Federal (CPF, CNPJ, also with letters), Denatran (CNH), AFIP (CUIT), Servicio
//! de Impuestos Internos (RUT), DIAN (NIT), SUNAT and RENIEC (RUC, DNI), SRI (Ecuador), DGI
//! (Uruguay), SENIAT (RIF), SET (Paraguay).

use super::check::{
    at, body, byte, digit, ends_with, last, mod11, one_of, part, unchecked, weighted,
};
use super::{Id, Strength, company, licence, national, passport, tax};

pub(super) const IDS: &[Id] = &[
    Id {
        rule: tax("BR", "id.br.cpf", "Brazilian taxpayer number (CPF)"),
        plain: &["99999999999", "999999999-99"],
        marked: &["999.999.999-99", "999.999.999.99"],
        valid: cpf,
        words: &["cpf", "cadastro de pessoas"],
        strength: Strength::Fair,
    },
    Id {
        rule: company("BR", "id.br.cnpj", "Brazilian company number (CNPJ)"),
        plain: &["99999999999999"],
        marked: &["99.999.999/9999-99", "xx.xxx.xxx/xxxx-99", "99999999/9999-99"],
        valid: cnpj,
        words: &["cnpj", "cadastro nacional"],
        strength: Strength::Fair,
    },
    Id {
        rule: national("BR", "id.br.pis", "Brazilian social integration number (PIS, NIS)"),
        plain: &["99999999999"],
        marked: &["999.99999.99-9"],
        valid: |number| mod11(number, &[3, 2, 9, 8, 7, 6, 5, 4, 3, 2], 0),
        words: &["pis", "pasep", "nis", "nit"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("BR", "id.br.titulo", "Brazilian voter number (título de eleitor)"),
        plain: &["999999999999"],
        marked: &["9999 9999 9999"],
        valid: voter,
        words: &["título", "titulo", "eleitor"],
        strength: Strength::Weak,
    },
    Id {
        rule: licence("BR", "id.br.cnh", "Brazilian driving licence number (CNH)"),
        plain: &["99999999999"],
        marked: &[],
        valid: cnh,
        words: &["cnh", "habilitação", "habilitacao"],
        strength: Strength::Fair,
    },
    Id {
        rule: passport("BR", "id.br.passport", "Brazilian passport number"),
        plain: &["aa999999"],
        marked: &[],
        valid: unchecked,
        words: &[],
        strength: Strength::Shape,
    },
    Id {
        rule: tax("AR", "id.ar.cuit", "Argentine tax number (CUIT, CUIL)"),
        plain: &["99999999999"],
        marked: &["99-99999999-9", "99 99999999 9"],
        valid: cuit,
        words: &["cuit", "cuil"],
        strength: Strength::Fair,
    },
    Id {
        rule: national("AR", "id.ar.dni", "Argentine identity number (DNI)"),
        plain: &["99999999", "99.999.999", "9.999.999"],
        marked: &[],
        valid: unchecked,
        words: &["dni", "documento nacional"],
        strength: Strength::Shape,
    },
    Id {
        rule: national("CL", "id.cl.rut", "Chilean identity and tax number (RUT, RUN)"),
        plain: &["99999999-x", "9999999-x", "99999999x"],
        marked: &["99.999.999-x", "9.999.999-x"],
        valid: rut,
        words: &["rut", "run", "rol único", "rol unico"],
        strength: Strength::Fair,
    },
    Id {
        rule: tax("CO", "id.co.nit", "Colombian tax number (NIT)"),
        plain: &["9999999999", "999999999-9"],
        marked: &["999.999.999-9"],
        valid: colombia_nit,
        words: &["nit", "identificación tributaria", "identificacion tributaria"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("CO", "id.co.cedula", "Colombian identity number (cédula)"),
        plain: &["99999999", "9999999999", "99.999.999", "9.999.999.999"],
        marked: &[],
        valid: unchecked,
        words: &["cedula", "cédula", "ciudadanía", "ciudadania"],
        strength: Strength::Shape,
    },
    Id {
        rule: tax("PE", "id.pe.ruc", "Peruvian tax number (RUC)"),
        plain: &["99999999999"],
        marked: &[],
        valid: |number| {
            let check = (11 - weighted(body(number), &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 10;
            matches!(part(number, 0, 2), 10 | 15 | 16 | 17 | 20) && check == last(number)
        },
        words: &["ruc", "registro único", "registro unico"],
        strength: Strength::Fair,
    },
    Id {
        rule: national("PE", "id.pe.dni", "Peruvian identity number (DNI, CUI)"),
        plain: &["99999999-x", "99999999x"],
        marked: &[],
        valid: peru_dni,
        words: &["dni", "cui", "documento nacional"],
        strength: Strength::Weak,
    },
    Id {
        rule: national("EC", "id.ec.ci", "Ecuadorian identity number (cédula)"),
        plain: &["9999999999", "999999999-9"],
        marked: &[],
        valid: ecuador_ci,
        words: &["cedula", "cédula", "cédula de identidad"],
        strength: Strength::Weak,
    },
    Id {
        rule: tax("EC", "id.ec.ruc", "Ecuadorian tax number (RUC)"),
        plain: &["9999999999999"],
        marked: &["9999999999-001"],
        valid: ecuador_ruc,
        words: &["ruc", "registro único", "registro unico"],
        strength: Strength::Fair,
    },
    Id {
        rule: tax("UY", "id.uy.rut", "Uruguayan tax number (RUT)"),
        plain: &["999999999999"],
        marked: &["99-999999-001-9", "99-999999-0019"],
        valid: |number| {
            let check = (11 - weighted(body(number), &[4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11;
            (1..=22).contains(&part(number, 0, 2))
                && part(number, 2, 6) > 0
                && part(number, 8, 3) == 1
                && check == last(number)
        },
        words: &["rut", "registro único", "registro unico"],
        strength: Strength::Strong,
    },
    Id {
        rule: national("UY", "id.uy.ci", "Uruguayan identity number (cédula)"),
        plain: &["99999999", "9999999-9"],
        marked: &["9.999.999-9"],
        valid: |number| {
            (weighted(body(number), &[2, 9, 8, 7, 6, 3, 4]) + last(number)).is_multiple_of(10)
        },
        words: &["cedula", "cédula", "cédula de identidad"],
        strength: Strength::Weak,
    },
    Id {
        rule: tax("VE", "id.ve.rif", "Venezuelan tax number (RIF)"),
        plain: &["a999999999", "a-999999999"],
        marked: &["a-99999999-9", "a99999999-9"],
        valid: rif,
        words: &["rif", "registro único", "información fiscal"],
        strength: Strength::Fair,
    },
    Id {
        rule: national("VE", "id.ve.cedula", "Venezuelan identity number (cédula)"),
        plain: &[
            "V99999999",
            "V-99999999",
            "V-9999999",
            "E-99999999",
            "V-99.999.999",
            "V-9.999.999",
        ],
        marked: &[],
        valid: unchecked,
        words: &["cedula", "cédula"],
        strength: Strength::Shape,
    },
    Id {
        rule: tax("PY", "id.py.ruc", "Paraguayan tax number (RUC)"),
        plain: &["999999-9", "9999999-9", "99999999-9"],
        marked: &[],
        valid: |number| {
            let digits = body(number).iter().rev();
            let sum: u32 = digits.zip(2..).map(|(byte, weight)| digit(*byte) * weight).sum();
            (11 - sum % 11) % 11 % 10 == last(number)
        },
        words: &["ruc", "registro único", "registro unico"],
        strength: Strength::Weak,
    },
];

/// The two last digits are 11 less the sum of the digits before, weighted from 2 on from the right.
fn cpf(number: &[u8]) -> bool {
    let check = |digits: usize| {
        let counted = number.iter().take(digits).rev();
        let sum: u32 = counted.zip(2..).map(|(byte, weight)| digit(*byte) * weight).sum();
        (11 - sum % 11) % 11 % 10 == at(number, digits)
    };
    check(9) && check(10)
}

/// A letter counts its ASCII code less 48, as a digit does.
fn cnpj(number: &[u8]) -> bool {
    let check = |digits: usize| {
        let counted = number.iter().take(digits).rev();
        let weights = (2..=9).cycle();
        let sum: u32 = counted
            .zip(weights)
            .map(|(byte, weight)| u32::from(byte.wrapping_sub(48)) * weight)
            .sum();
        (11 - sum % 11) % 11 % 10 == at(number, digits)
    };
    check(12) && check(13)
}

/// Eight digits, the state, a check digit of each.
fn voter(number: &[u8]) -> bool {
    let state = part(number, 8, 2);
    let check = |rest| match rest {
        10 => 0,
        // São Paulo and Minas Gerais write 1 for 0.
        0 if matches!(state, 1 | 2) => 1,
        rest => rest,
    };
    let first = check(weighted(number, &[2, 3, 4, 5, 6, 7, 8, 9]) % 11);
    let second = check((at(number, 8) * 7 + at(number, 9) * 8 + first * 9) % 11);
    (1..=28).contains(&state) && first == at(number, 10) && second == at(number, 11)
}

fn cnh(number: &[u8]) -> bool {
    let first = weighted(number, &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11;
    let second = weighted(number, &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11;
    let (first, lent) = if first > 9 { (0, 2) } else { (first, 0) };
    let second = (second + 11 - lent) % 11;
    let second = if second > 9 { 0 } else { second };
    first == at(number, 9) && second == at(number, 10)
}

fn cuit(number: &[u8]) -> bool {
    let kinds = [20, 23, 24, 25, 26, 27, 30, 33, 34, 50, 51, 55];
    kinds.contains(&part(number, 0, 2)) && mod11(number, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2], 9)
}

fn rut(number: &[u8]) -> bool {
    let weights = (2..=7).cycle();
    let digits = body(number).iter().rev();
    let sum: u32 = digits.zip(weights).map(|(byte, weight)| digit(*byte) * weight).sum();
    ends_with(number, b"0123456789K", (11 - sum % 11) % 11)
}

fn colombia_nit(number: &[u8]) -> bool {
    let weights = [3, 7, 13, 17, 19, 23, 29, 37, 41];
    let digits = body(number).iter().rev();
    let sum: u32 = digits.zip(weights).map(|(byte, weight)| digit(*byte) * weight).sum();
    let rest = sum % 11;
    last(number) == if rest > 1 { 11 - rest } else { rest }
}

/// The check is a digit or a letter.
fn peru_dni(number: &[u8]) -> bool {
    let rest = weighted(number, &[3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    ends_with(number, b"65432110987", rest) || ends_with(number, b"KJIHGFEDCBA", rest)
}

fn is_province(number: &[u8]) -> bool {
    matches!(part(number, 0, 2), 1..=24 | 30 | 50)
}

fn ecuador_ci(number: &[u8]) -> bool {
    let doubled = number.iter().zip([2, 1].into_iter().cycle());
    let sum: u32 = doubled
        .map(|(byte, weight)| digit(*byte) * weight)
        .map(|n| if n > 9 { n - 9 } else { n })
        .sum();
    is_province(number) && at(number, 2) <= 6 && sum.is_multiple_of(10)
}

fn ecuador_ruc(number: &[u8]) -> bool {
    let natural = || part(number, 10, 3) > 0 && ecuador_ci(number.get(..10).unwrap_or_default());
    let public =
        part(number, 9, 4) > 0 && weighted(number, &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11);
    let company = part(number, 10, 3) > 0
        && weighted(number, &[4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11);
    is_province(number)
        && match byte(number, 2) {
            b'0'..=b'5' => natural(),
            b'6' => public || natural(),
            b'9' => public || company,
            _ => false,
        }
}

fn rif(number: &[u8]) -> bool {
    let kind = match byte(number, 0) {
        b'V' => 4,
        b'E' => 8,
        b'J' => 12,
        b'P' => 16,
        b'G' => 20,
        _ => return false,
    };
    let digits = number.get(1..).unwrap_or_default();
    let rest = (kind + weighted(body(digits), &[3, 2, 7, 6, 5, 4, 3, 2])) % 11;
    one_of(b"00987654321", rest as usize, digits.last().map_or(&[], std::slice::from_ref))
}
