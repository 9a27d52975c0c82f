from prs.kernel.identity.models import Member


def test_the_cast_sees_only_its_own_organization(cast):
    assert set(Member.objects.values_list("organization", flat=True)) == {cast.acme.pk}
