"""A wallet's list of payments in several languages: payments, refunds to the other side, transfers to the bank."""

import pytest

from tests.lakehouse.authoring.test_new_export_kinds import tried

HEADS = {
    "fr": (
        "Date;Heure;Fuseau horaire;Nom;Type;État;Devise;Avant commission;Commission;Net;De l'adresse email;"
        "À l'adresse email;Numéro de transaction;Numéro de transaction de référence",
        ("Paiement standard", "Remboursement de paiement", "Virement standard", "Terminé"),
    ),
    "it": (
        "Data;Orario;Fuso orario;Nome;Tipo;Stato;Valuta;Lordo;Tariffa;Netto;Indirizzo email mittente;"
        "Indirizzo email destinatario;Codice transazione;Codice della transazione di riferimento",
        ("Pagamento Express Checkout", "Rimborso di pagamento", "Prelievo generico", "Completata"),
    ),
    "es": (
        "Fecha;Hora;Zona horaria;Nombre;Tipo;Estado;Divisa;Bruto;Tarifa;Neto;Correo electrónico del remitente;"
        "Correo electrónico del destinatario;Id. de transacción;Id. de referencia de la transacción",
        ("Pago con Pago exprés", "Reembolso de pago", "Retirada general", "Completado"),
    ),
    "nl": (
        "Datum;Tijd;Tijdzone;Naam;Type;Status;Valuta;Bruto;Kosten;Net;Van e-mailadres;Naar e-mailadres;"
        "Transactiereferentie;Referentie transactiereferentie",
        ("Express Checkout-betaling", "Terugbetaling", "Algemene opname", "Voltooid"),
    ),
}


@pytest.mark.parametrize("language", HEADS)
def test_payments_and_refunds_count_and_transfers_to_the_bank_do_not(tmp_path, language):
    head, (paid, back, transfer, done) = HEADS[language]
    rows = []
    for at in range(12):
        day = f"{at + 1:02d}.03.2024;09:00:00;CET"
        rows += [f"{day};Ada Moe;{paid};{done};EUR;20,00;-1,00;19,00;a{at % 5}@mail.example;shop@mail.example;P{at};"]
        if at in (3, 7):
            sides = f"shop@mail.example;a{at % 5}@mail.example"
            rows += [f"{day};Ada Moe;{back};{done};EUR;-20,00;0,00;-20,00;{sides};R{at};P{at}"]
            rows += [f"{day};;{transfer};{done};EUR;-90,00;0,00;-90,00;;;T{at};"]

    made = tried(tmp_path, [head, *rows])

    orders = made.rows("orders")
    assert orders["total_cents"].sum() == 20000
    assert orders["account_id"].nunique() == 5
    assert f"{orders['ordered_at'].min():%H}" == "08"
