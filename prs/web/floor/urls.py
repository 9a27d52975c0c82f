"""Addresses of the warehouse."""

from __future__ import annotations

from django.urls import path

from prs.web.floor import picking, queue

app_name = "floor"
urlpatterns = [
    path("", queue.queue, name="queue"),
    path("<uuid:pk>/", queue.work, name="work"),
    path("<uuid:pk>/back/", queue.return_to_billing, name="return_to_billing"),
    path("<uuid:pk>/start/", picking.start, name="start"),
    path("<uuid:pk>/pick/", picking.station, name="pick"),
    path("<uuid:pk>/pick/scan/", picking.scan, name="scan"),
    path("<uuid:pk>/pick/tick/", picking.tick, name="tick"),
    path("<uuid:pk>/pick/short/", picking.short, name="short"),
    path("<uuid:pk>/pick/undo/", picking.undo, name="undo"),
    path("<uuid:pk>/pick/finish/", picking.finish, name="finish"),
    path("<uuid:pk>/pick/leave/", picking.leave, name="leave"),
]
